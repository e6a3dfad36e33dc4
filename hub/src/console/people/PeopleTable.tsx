import { Table, Text } from '@mantine/core';
import type { PeopleAnswer, PeopleSums } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';
import { useConsole } from '../context.ts';
import { addressOf } from '../place.ts';
import { scopeText, type Grouping, type Scope } from './scope.ts';

const figures = [
  'expected',
  'loggedIn',
  'active',
  'idle',
  'missing',
] as const satisfies readonly (keyof PeopleSums & ConsoleKey)[];

type Row = { key: string; name: string; beside?: string; scope: Scope; usual?: number; sums: PeopleSums };

/** A row for each site, department or allocator; its name leads to its day. */
export function PeopleTable({ people, by, scope }: { people: PeopleAnswer; by: Grouping; scope: Scope }) {
  const { t } = useConsole();
  const rows = rowsOf(people, by, t);
  const chosen = scopeText(scope);
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t(by)}</Table.Th>
            {figures.map((name) => (
              <Table.Th key={name} ta="right">
                {t(name)}
              </Table.Th>
            ))}
            <Table.Th ta="right">{t('usual')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, name, beside, scope: own, sums, usual }) => (
            <Table.Tr key={key} data-chosen={key === chosen || undefined}>
              <Table.Td>
                <a
                  href={addressOf('people', key === chosen ? '' : scopeText(own))}
                  aria-current={key === chosen}
                >
                  {name}
                </a>
                {beside !== undefined && (
                  <Text span size="sm" c="dimmed">
                    {` · ${beside}`}
                  </Text>
                )}
              </Table.Td>
              {figures.map((figure) => (
                <Table.Td
                  key={figure}
                  ta="right"
                  className={figure === 'missing' && sums.missing > 0 ? 'figure bad' : 'figure'}
                >
                  {sums[figure]}
                </Table.Td>
              ))}
              <Table.Td ta="right" className="figure">
                {usual ?? '–'}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length === 0 && <Text c="dimmed">{t('nothingHere')}</Text>}
    </Table.ScrollContainer>
  );
}

function rowsOf(people: PeopleAnswer, by: Grouping, t: (key: ConsoleKey) => string): Row[] {
  const row = (scope: Scope, name: string, sums: PeopleSums & { usual?: number }, beside?: string): Row => ({
    key: scopeText(scope),
    name,
    scope,
    sums,
    ...(sums.usual === undefined ? {} : { usual: sums.usual }),
    ...(beside === undefined ? {} : { beside }),
  });
  const titles = new Map(people.sites.map(({ site, title }) => [site, title]));
  switch (by) {
    case 'site':
      return people.sites.map((one) => row({ of: 'site', site: one.site }, one.title, one, one.site));
    case 'department':
      return people.departments.map((one) =>
        row(
          { of: 'department', site: one.site, department: one.department },
          one.department || t('departmentUnknown'),
          one,
          titles.get(one.site) ?? one.site,
        ),
      );
    case 'allocator':
      return people.allocators.map((one) =>
        row({ of: 'allocator', allocator: one.allocator }, one.allocator || t('nobodyServes'), one),
      );
    default:
      return by satisfies never;
  }
}
