import { useMemo, useState, type SyntheticEvent } from 'react';
import { Button, Group, SegmentedControl, TextInput, Title } from '@mantine/core';
import { useConsole, type Console } from '../context.ts';
import { Failed, Loading } from '../parts/Looks.tsx';
import { RowTable, type Column } from '../parts/RowTable.tsx';
import { addressOf } from '../place.ts';
import { useLook } from '../useLook.ts';
import { Editor } from './Editor.tsx';
import { kinds, ruleIn, ruleKinds, type RuleKind } from './kinds.ts';

/** Allocators, pools, sites and seats: looked through, and changed as a form or as YAML. */
export function RulesPage({ what }: { what: string }) {
  const { kind, name } = ruleIn(what);
  return name === undefined ? <All kind={kind} /> : <Editor key={what} kind={kind} name={name} />;
}

interface Row {
  name: string;
  title?: string;
  label?: string;
  priority?: number;
}

function All({ kind }: { kind: RuleKind }) {
  const { t } = useConsole();
  const { value, failed } = useLook<Row[]>(`/get/${kind}`, ['resources']);
  const columns = useMemo(() => columnsOf(t, kind), [t, kind]);
  return (
    <div className="stack">
      <Title order={1} className="unseen">
        {t('tabRules')}
      </Title>
      <Group p="xs" gap="sm">
        <SegmentedControl
          size="sm"
          aria-label={t('tabRules')}
          value={kind}
          onChange={(to) => (location.hash = addressOf('rules', to))}
          data={ruleKinds.map((one) => ({ value: one, label: t(kinds[one].key) }))}
        />
        <New kind={kind} />
      </Group>
      {value ? (
        <RowTable
          key={kind}
          label={t(kinds[kind].key)}
          columns={columns}
          rows={value}
          keyOf={(row) => row.name}
        />
      ) : failed ? (
        <Failed failed={failed} />
      ) : (
        <Loading />
      )}
    </div>
  );
}

function New({ kind }: { kind: RuleKind }) {
  const { t, may } = useConsole();
  const [name, setName] = useState('');
  if (!may('administer')) return null;
  const begin = (event: SyntheticEvent) => {
    event.preventDefault();
    location.hash = addressOf('rules', `${kind}/${name.trim()}`);
  };
  return (
    <form onSubmit={begin}>
      <Group gap="xs" wrap="nowrap">
        <TextInput
          size="sm"
          aria-label={t('ruleNewName')}
          placeholder={t('ruleNewName')}
          value={name}
          maxLength={64}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" size="compact-sm" variant="default" disabled={name.trim() === ''}>
          {t('ruleNew')}
        </Button>
      </Group>
    </form>
  );
}

const columnsOf = (t: Console['t'], kind: RuleKind): Column<Row>[] => [
  {
    head: t('ruleName'),
    track: 'minmax(12rem, 1fr)',
    text: (row) => row.name,
    cell: (row) => <a href={addressOf('rules', `${kind}/${row.name}`)}>{row.name}</a>,
  },
  { head: t('ruleTitle'), track: 'minmax(16rem, 3fr)', text: ({ title, label }) => title ?? label },
  ...(kind === 'allocators'
    ? [{ head: t('rulePriority'), track: '8rem', right: true, text: ({ priority }: Row) => priority }]
    : []),
];
