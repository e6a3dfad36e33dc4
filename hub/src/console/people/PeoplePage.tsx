import { useState } from 'react';
import { Alert, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import type { BehindView, PeopleAnswer, PeopleSums } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';
import { useConsole } from '../context.ts';
import { Failed, Loading } from '../parts/Looks.tsx';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';
import { DayChart } from './DayChart.tsx';
import { MissingList } from './MissingList.tsx';
import { PeopleTable } from './PeopleTable.tsx';
import { RosterList } from './RosterList.tsx';
import { dayPath, groupings, scopeIn, sumsOf, type Grouping, type Scope } from './scope.ts';

/** Who should be there and who is: now, over the day, by site, department and allocator; and the shift plans. */
export function PeoplePage({ what }: { what: string }) {
  const { t } = useConsole();
  const { value: people, failed } = useLook<PeopleAnswer>('/people', ['sessions', 'tcs', 'resources']);
  const scope = scopeIn(what);
  const [by, setBy] = useState<Grouping>(scope.of === 'all' ? 'site' : scope.of);
  if (!people) return failed ? <Failed failed={failed} /> : <Loading />;
  const title = titleOf(people, scope, t);
  return (
    <div className="scroll">
      <Stack p="md" gap="md" className="people">
        <Title order={1} className="unseen">
          {t('tabPeople')}
        </Title>
        <Behind behind={people.behind} people={people} />
        {people.rosters === 0 && (
          <Alert color="blue" title={t('noRoster')}>
            {t('noRosterText')}
          </Alert>
        )}
        <Group justify="space-between" align="end">
          <Figures sums={sumsOf(people, scope)} />
          {scope.of !== 'all' && <a href={addressOf('people')}>{t('everybody')}</a>}
        </Group>
        <DayChart key={dayPath(scope)} path={dayPath(scope)} title={title} />
        <SegmentedControl
          className="people-by"
          aria-label={t('rowsBy')}
          value={by}
          onChange={(value) => setBy(value as Grouping)}
          data={Object.entries(groupings).map(([value, key]) => ({ value, label: t(key) }))}
        />
        <PeopleTable people={people} by={by} scope={scope} />
        <MissingList people={people} scope={scope} />
        <RosterList />
      </Stack>
    </div>
  );
}

function titleOf(people: PeopleAnswer, scope: Scope, t: (key: ConsoleKey) => string): string {
  const siteTitle = (name: string) => people.sites.find(({ site }) => site === name)?.title ?? name;
  switch (scope.of) {
    case 'all':
      return t('everybody');
    case 'site':
      return siteTitle(scope.site);
    case 'department':
      return `${siteTitle(scope.site)} · ${scope.department || t('departmentUnknown')}`;
    case 'allocator':
      return scope.allocator || t('nobodyServes');
    default:
      return scope satisfies never;
  }
}

const shown = [
  'expected',
  'loggedIn',
  'active',
  'idle',
  'missing',
] as const satisfies readonly (keyof PeopleSums & ConsoleKey)[];

function Figures({ sums }: { sums: PeopleSums & { usual?: number } }) {
  const { t } = useConsole();
  return (
    <dl className="figures">
      {shown.map((name) => (
        <div key={name} data-bad={(name === 'missing' && sums.missing > 0) || undefined}>
          <dt>{t(name)}</dt>
          <dd>{sums[name]}</dd>
        </div>
      ))}
      {sums.usual !== undefined && (
        <div>
          <dt>{t('usual')}</dt>
          <dd>{sums.usual}</dd>
        </div>
      )}
    </dl>
  );
}

const causes = {
  network: 'behindNetwork',
  directory: 'behindDirectory',
  unknown: 'behindUnknown',
} as const satisfies Record<BehindView['sites'][number]['cause'], ConsoleKey>;

/** A site that falls behind is one line; when all do it is one line for all. */
function Behind({ behind, people }: { behind: BehindView; people: PeopleAnswer }) {
  const { t } = useConsole();
  const sum = (of: (site: BehindView['sites'][number]) => number) =>
    behind.sites.reduce((all, site) => all + of(site), 0);
  if (behind.all)
    return (
      <Alert color="red" role="alert" className="site-alert" title={t('behindAll')}>
        {t('behindAllText', { missing: sum((one) => one.missing), count: sum((one) => one.expected) })}
      </Alert>
    );
  return behind.sites.map(({ site, by, expected, missing, cause, tcs, offline }) => (
    <Alert
      key={site}
      color="orange"
      role="alert"
      className="site-alert"
      title={people.sites.find((one) => one.site === site)?.title ?? site}
    >
      <Text span>{t(by === 'roster' ? 'behindRoster' : 'behindPast', { missing, count: expected })}</Text>{' '}
      <Text span>{t(causes[cause], { off: offline, on: tcs - offline, count: tcs })}</Text>
    </Alert>
  ));
}
