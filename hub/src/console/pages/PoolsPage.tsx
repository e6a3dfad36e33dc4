import { Badge, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import type { PoolView, StatusAnswer } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';
import { useConsole } from '../context.ts';
import { Act } from '../parts/Act.tsx';
import { Failed, Loading } from '../parts/Looks.tsx';
import { seconds } from '../parts/stagesText.ts';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';

/** Each pool: how many of its desktops are how, what it does next in words, and closing and opening it. */
export function PoolsPage({ status }: { status: StatusAnswer | undefined }) {
  const { t } = useConsole();
  const { value, failed, again } = useLook<PoolView[]>('/get/pools', ['desktops', 'sessions', 'resources']);
  const pools = value ?? status?.pools;
  if (!pools) return failed ? <Failed failed={failed} /> : <Loading />;
  return (
    <div className="scroll">
      <Title order={1} className="unseen">
        {t('tabPools')}
      </Title>
      {pools.length === 0 && (
        <Text p="md" c="dimmed">
          {t('poolNone')}
        </Text>
      )}
      <div className="pools">
        {pools.map((pool) => (
          <Pool key={pool.name} pool={pool} onDone={again} />
        ))}
      </div>
    </div>
  );
}

const shares = [
  { key: 'inUse', colour: 'teal.7', of: (pool: PoolView) => pool.inUse },
  { key: 'ready', colour: 'green.4', of: (pool: PoolView) => pool.ready },
  { key: 'booting', colour: 'blue.4', of: (pool: PoolView) => pool.onTheirWay },
  { key: 'broken', colour: 'red.6', of: (pool: PoolView) => pool.broken },
] as const satisfies readonly { key: ConsoleKey; colour: string; of: (pool: PoolView) => number }[];

function Pool({ pool, onDone }: { pool: PoolView; onDone: () => void }) {
  const { t } = useConsole();
  const isShort = pool.waiting > 0 || pool.broken > 0;
  return (
    <Paper withBorder p="md" radius="md" component="section" aria-label={pool.name}>
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <div>
            <Title order={2} size="h4">
              {pool.title}
            </Title>
            <Text size="sm" c="dimmed">
              {pool.name} · {pool.cloud}
            </Text>
          </div>
          {pool.waiting > 0 && (
            <Badge color="yellow.5" autoContrast size="lg">
              {t('waiting')} {pool.waiting}
            </Badge>
          )}
        </Group>
        <Progress.Root size="lg" aria-hidden>
          {shares.map(({ key, colour, of }) => (
            <Progress.Section key={key} value={(100 * of(pool)) / Math.max(1, pool.ceiling)} color={colour} />
          ))}
        </Progress.Root>
        <dl className="figures">
          {shares.map(({ key, of }) => (
            <div key={key} data-bad={(key === 'broken' && of(pool) > 0) || undefined}>
              <dt>{t(key)}</dt>
              <dd>{of(pool)}</dd>
            </div>
          ))}
          <div>
            <dt>{t('floor')}</dt>
            <dd>{pool.floor}</dd>
          </div>
          <div>
            <dt>{t('ceiling')}</dt>
            <dd>{pool.ceiling}</dd>
          </div>
          {pool.bootMs !== undefined && (
            <div>
              <dt>{t('bootTime')}</dt>
              <dd>{seconds(pool.bootMs)}</dd>
            </div>
          )}
        </dl>
        <Text size="sm" className={isShort ? 'words-strong' : ''} lang="en">
          {pool.words}
        </Text>
        <Group gap="xs">
          <a className="link" href={addressOf('desktops', pool.name)}>
            {t('seeDesktops')}
          </a>
          {pool.closed === undefined ? (
            <Act
              label={t('closePool')}
              title={`${t('closePool')}: ${pool.title}`}
              text={t('closePoolText', { pool: pool.title, count: pool.inUse, waiting: pool.waiting })}
              needs="operate"
              bad
              wants={{ field: 'reason', label: t('reason'), most: 200 }}
              path={`/pools/${encodeURIComponent(pool.name)}/close`}
              onDone={onDone}
            />
          ) : (
            <Act
              label={t('openPool')}
              title={`${t('openPool')}: ${pool.title}`}
              text={t('openPoolText', { pool: pool.title })}
              needs="operate"
              path={`/pools/${encodeURIComponent(pool.name)}/open`}
              onDone={onDone}
            />
          )}
        </Group>
      </Stack>
    </Paper>
  );
}
