import { Suspense, useSyncExternalStore } from 'react';
import { Badge, Button, Group, Text, Tooltip } from '@mantine/core';
import type { AlertView, ProblemView, StatusAnswer } from '@anyseat/protocol';
import { act, Refused } from './api.ts';
import { useConsole } from './context.ts';
import { FloorPage } from './floor/FloorPage.tsx';
import { AuditPage } from './pages/AuditPage.tsx';
import { DesktopsPage } from './pages/DesktopsPage.tsx';
import { PoolsPage } from './pages/PoolsPage.tsx';
import { ProblemsPage } from './pages/ProblemsPage.tsx';
import { SessionsPage } from './pages/SessionsPage.tsx';
import { TcsPage } from './pages/TcsPage.tsx';
import { Choices, type Choose } from './parts/Choices.tsx';
import { addressOf, tabs, usePlace, type Place, type Tab } from './place.ts';
import { later } from './later.ts';
import { Loading } from './parts/Looks.tsx';
import { roleNames } from './roleNames.ts';
import { useLook } from './useLook.ts';

const PeoplePage = later(async () => (await import('./people/PeoplePage.tsx')).PeoplePage);
const RulesPage = later(async () => (await import('./rules/RulesPage.tsx')).RulesPage);
const AlertsPage = later(async () => (await import('./alerts/AlertsPage.tsx')).AlertsPage);
const HostsPage = later(async () => (await import('./hosts/HostsPage.tsx')).HostsPage);

export function Shell({ choose, onLeave }: { choose: Choose; onLeave: () => void }) {
  const { t, who, live, say } = useConsole();
  const { tab, what } = usePlace();
  const isUp = useSyncExternalStore(live.watch, () => live.up);
  const status = useLook<StatusAnswer>('/status', ['tcs', 'resources', 'desktops']).value;
  const problems = useLook<ProblemView[]>('/get/problems', ['desktops']).value;
  const alerts = useLook<AlertView[]>('/get/alerts', ['alerts']).value ?? [];
  const wrong =
    (problems?.length ?? 0) + (status?.warnings.filter(({ severity }) => severity === 'error').length ?? 0);
  const counts: Partial<Record<Tab, number>> = {
    alerts: alerts.filter(({ state }) => state === 'open').length,
    problems: wrong,
    tcs: status?.tcs.pending ?? 0,
  };
  return (
    <div className="shell">
      <header className="head">
        <Group gap="xs" wrap="nowrap">
          <img src="./icon.svg" alt="" width={24} height={24} />
          <Text fw={700} className="head-name">
            {who.hub}
          </Text>
        </Group>
        <nav className="tabs" aria-label={t('console')}>
          {Object.entries(tabs).map(([name, key]) => (
            <a
              key={name}
              href={addressOf(name as Tab)}
              className="tab"
              aria-current={tab === name ? 'page' : undefined}
            >
              {t(key)}
              {(counts[name as Tab] ?? 0) > 0 && (
                <Badge
                  size="sm"
                  circle={counts[name as Tab]! < 10}
                  color={name === 'tcs' ? 'yellow.5' : 'red.9'}
                  autoContrast
                >
                  {counts[name as Tab]}
                </Badge>
              )}
            </a>
          ))}
        </nav>
        <Group gap={4} wrap="nowrap" ml="auto">
          {isUp && (
            <Text size="sm" className="live">
              {t('live')}
            </Text>
          )}
          <Choices choose={choose} t={t} />
          <Tooltip label={t('leaveTitle', { name: who.name, role: t(roleNames[who.role]) })}>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              onClick={() => {
                act('/leave').then(onLeave, (error: unknown) =>
                  say({ text: error instanceof Refused ? error.message : String(error), bad: true }),
                );
              }}
            >
              {`${t('leave')} · ${who.name}`}
            </Button>
          </Tooltip>
        </Group>
      </header>
      {!isUp && (
        <div className="behind" role="alert">
          {t('behind')}
        </div>
      )}
      <main className="page">
        <Suspense fallback={<Loading />}>
          <Page tab={tab} what={what} status={status} problems={problems} />
        </Suspense>
      </main>
    </div>
  );
}

function Page({
  tab,
  what,
  status,
  problems,
}: Place & { status: StatusAnswer | undefined; problems: ProblemView[] | undefined }) {
  switch (tab) {
    case 'floor':
      return <FloorPage chosen={what} />;
    case 'people':
      return <PeoplePage what={what} />;
    case 'sessions':
      return <SessionsPage filter={what} />;
    case 'pools':
      return <PoolsPage status={status} />;
    case 'desktops':
      return <DesktopsPage filter={what} />;
    case 'tcs':
      return <TcsPage />;
    case 'rules':
      return <RulesPage what={what} />;
    case 'hosts':
      return <HostsPage />;
    case 'alerts':
      return <AlertsPage />;
    case 'problems':
      return <ProblemsPage status={status} problems={problems} />;
    case 'audit':
      return <AuditPage key={what} subject={what} />;
    default:
      return tab satisfies never;
  }
}
