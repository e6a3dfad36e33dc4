import { Fault, HOUR, MINUTE } from '@anyseat/base';
import {
  importRosterRequest,
  resourceName,
  type ImportRosterAnswer,
  type RosterSheetAnswer,
  type RosterView,
  type Warning,
} from '@anyseat/protocol';
import { expectedAt } from '../domain/roster/shifts.ts';
import { readSheetAside } from '../reconcile/readSheetAside.ts';
import type { PullState } from '../reconcile/rosterPulls.ts';
import type { PlacedShift, Roster } from '../reconcile/rosters.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** What is looked at for rosters. */
export interface RosterDeps {
  rosters: {
    readonly all: readonly Roster[];
    readonly placed: readonly PlacedShift[];
    failureOf: (roster: string) => string | undefined;
    look: (anew?: boolean) => Promise<void>;
  };
  pullOf: (roster: string) => PullState | undefined;
}

/** A table is checked whole; the difference from the one in force is told, and with `dryRun` that is all. */
export async function importRoster(
  { body, params, by, signal }: Asked,
  deps: OperatorDeps,
): Promise<ImportRosterAnswer> {
  const name = resourceName.parse(params['roster']);
  const { packed, file, dryRun } = importRosterRequest.parse(body);
  const roster = deps.catalogue().rosters.get(name);
  if (roster?.spec.shifts !== undefined)
    throw wrong(`roster ${name} has its shifts in its specification: anyseat apply changes them`);
  if (roster?.spec.url !== undefined)
    throw wrong(`roster ${name} is pulled from an address, which would undo this; take url out of it first`);
  const inForce = (await deps.store.rosterSheets()).find((one) => one.roster === name);
  const before = inForce && (await deps.store.rosterSheet(inForce.id));
  const read = await readSheetAside(
    {
      bytes: Buffer.from(packed, 'base64'),
      packed: true,
      reading: { file, sites: [...deps.catalogue().sites.keys()], site: roster?.spec.site },
      before: before ? { packed: before } : 'none',
    },
    signal,
  );
  const { facts, diff, hash } = read;
  const same = roster !== undefined && inForce?.hash === hash;
  if (!dryRun && !same) {
    if (!roster) {
      const text = JSON.stringify({ rosters: { [name]: { title: name } } });
      await deps.keeper.apply({ text, file, prune: false, dryRun: false }, by);
    }
    await deps.store.keepRosterSheet({ roster: name, hash, rows: facts.rows, packed: read.packed }, by);
    await deps.rosters.look(true);
  }
  return { roster: name, ...facts, ...diff!, isNew: roster === undefined, applied: !dryRun && !same };
}

/** The table in force, as it was brought. */
export async function rosterSheet(
  { params }: Asked,
  { store, catalogue }: OperatorDeps,
): Promise<RosterSheetAnswer> {
  const name = params['roster']!;
  const roster = catalogue().rosters.get(name);
  if (!roster) throw new Fault('roster-unknown', 'refused', `there is no roster “${name}”`);
  if (roster.spec.shifts !== undefined) return { text: roster.spec.shifts };
  const inForce = (await store.rosterSheets()).find((one) => one.roster === name);
  const packed = inForce && (await store.rosterSheet(inForce.id));
  if (!packed) throw wrong(`roster ${name} has no table yet: anyseat roster import FILE.csv --name ${name}`);
  return { packed: Buffer.from(packed).toString('base64') };
}

const wrong = (text: string): Fault => new Fault('roster-not-imported', 'refused', text);

const MOST_NOWHERE = 20;
const AHEAD_MS = 24 * HOUR;

export async function rosterViews(
  deps: RosterDeps & Pick<OperatorDeps, 'catalogue' | 'now' | 'store'>,
): Promise<RosterView[]> {
  const now = deps.now();
  const brought = await deps.store.rosterSheets();
  return [...deps.catalogue().rosters.values()].map(({ name, spec }): RosterView => {
    const roster = deps.rosters.all.find((one) => one.name === name);
    const sheet = spec.shifts === undefined ? brought.find((one) => one.roster === name) : undefined;
    const own = deps.rosters.placed.filter((one) => one.roster === name);
    const soon = own.filter(({ shift }) => shift.to > now && shift.from < now + AHEAD_MS);
    const nobody = nobodyServes(soon);
    const pull = deps.pullOf(name);
    const unread = deps.rosters.failureOf(name);
    return {
      name,
      title: spec.title,
      source:
        spec.shifts !== undefined
          ? 'written'
          : spec.url !== undefined
            ? 'url'
            : sheet
              ? 'imported'
              : 'nowhere',
      rows: 0,
      people: 0,
      ...roster?.facts,
      ...(sheet ? { since: sheet.at, by: sheet.by } : {}),
      expected: expectedAt(
        own.map(({ shift }) => shift),
        now,
      ),
      coming: sum(soon.filter(({ shift }) => shift.from > now)),
      nowhere: nobody.reduce((all, { heads }) => all + heads, 0),
      nowhereWho: nobody.slice(0, MOST_NOWHERE),
      ...(pull?.pulledAt === undefined ? {} : { pulledAt: pull.pulledAt }),
      ...(pull?.failure ? { failure: pull.failure.text, failedAt: pull.failure.at } : {}),
      ...(unread === undefined ? {} : { failure: unread }),
    };
  });
}

const sum = (placed: readonly PlacedShift[]): number =>
  placed.reduce((all, { shift }) => all + shift.heads, 0);

/** The most first. */
function nobodyServes(placed: readonly PlacedShift[]): RosterView['nowhereWho'] {
  const groups = new Map<string, RosterView['nowhereWho'][number]>();
  for (const { shift, placed: verdict } of placed) {
    if (!('why' in verdict)) continue;
    const { site, department, person, heads } = shift;
    const key = JSON.stringify([site, department, person, verdict.why]);
    const group = groups.get(key) ?? {
      site,
      department,
      ...(person === undefined ? {} : { person }),
      heads: 0,
      why: verdict.why,
    };
    group.heads += heads;
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.heads - a.heads);
}

/** What an operator should know of rosters at once. */
export async function rosterWarnings(
  deps: RosterDeps & Pick<OperatorDeps, 'catalogue' | 'now' | 'store'>,
): Promise<Warning[]> {
  if (deps.catalogue().rosters.size === 0) return [];
  return (await rosterViews(deps)).flatMap(
    ({ name, nowhere, nowhereWho, failure, failedAt, since }): Warning[] => {
      const [first] = nowhereWho;
      const nobody: Warning[] =
        first === undefined
          ? []
          : [
              {
                code: 'roster-nowhere',
                severity: 'warning',
                text: `Roster ${name}: no desktops are made for ${nowhere} of the people of the next 24 hours; ${first.heads} of ${[first.person, first.department, first.site].filter(Boolean).join(', ')}: ${first.why}. All of them: anyseat get rosters --wide`,
              },
            ];
      const kept = since === undefined ? 'There is no table yet' : 'The table before stays in force';
      const minutes =
        failedAt === undefined ? '' : `, ${Math.round((deps.now() - failedAt) / MINUTE)} min ago`;
      const failed: Warning[] =
        failure === undefined
          ? []
          : [
              {
                code: 'roster-failed',
                severity: 'warning',
                text: `Roster ${name} could not be read${minutes}: ${failure}. ${kept}.`,
              },
            ];
      return [...nobody, ...failed];
    },
  );
}
