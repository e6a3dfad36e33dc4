import type { AuditAnswer, AuditView } from '@anyseat/protocol';
import { count, moment } from './formats.ts';
import type { Column } from './table.ts';
import type { Terminal } from './terminal.ts';

export const auditTable = ({ timeZone }: Pick<Terminal, 'timeZone'>): Column<AuditView>[] => [
  { head: 'SEQ', align: 'right', cell: (row) => String(row.seq), style: () => 'dim' },
  { head: 'TIME', cell: (row) => moment(row.at, timeZone) },
  { head: 'WHO', cell: (row) => actorText(row.actor), least: 9 },
  { head: 'ACT', cell: (row) => row.act },
  { head: 'SUBJECT', cell: (row) => row.subject, least: 16 },
  {
    head: 'DETAILS',
    cell: ({ details }) => detailText(details, timeZone),
    least: 20,
    spare: 1,
    style: () => 'dim',
  },
];

/** `operator zhou` is `zhou`, `hub hub` the hub; a thin client's and a person's id say themselves what they are. */
const actorText = (actor: string): string => actor.replace(/^(operator|person|tc|hub) (?=\S)/, '');

/** `revision 2, seat nt-1-001`; nothing for a detail without a value; a moment by the clock on the wall. */
export function detailText(details: Readonly<Record<string, unknown>>, timeZone: string | undefined): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => {
      if (name.endsWith('At') && typeof value === 'number')
        return `${name.slice(0, -2)} ${moment(value, timeZone)}`;
      return `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
    })
    .join(', ');
}

export function verdictOf({ rows, brokenAt }: NonNullable<AuditAnswer['verified']>): string {
  return brokenAt === undefined
    ? `The chain is whole: ${count(rows, 'row')}, none changed, none missing.`
    : `the audit log was changed: row ${brokenAt} does not follow from the one before it`;
}
