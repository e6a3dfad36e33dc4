import { ConfigFault, Fault, meant, type Problem } from '@anyseat/base';
import {
  endBindingRequest,
  expireBindingsRequest,
  importBindingsRequest,
  moveBindingRequest,
  readFingerprint,
  rebindRequest,
  type ExpireBindingsAnswer,
  type ImportBindingsAnswer,
} from '@anyseat/protocol';
import type { Binding, BindingKind } from '../domain/binding.ts';
import type { Desktop } from '../domain/desktop.ts';
import { parseCsv, type CsvRow } from '../domain/csv.ts';
import type { Asked, OperatorDeps } from './routes.ts';

const COLUMNS = ['kind', 'of', 'desktop'] as const;
const KINDS: readonly BindingKind[] = ['user', 'seat', 'tc'];
const MOST_ROWS = 20_000;
/** Look-ups of people in the directory at once. */
const LOOKUPS = 8;

/** Prepared bindings from a table with the columns kind, of, desktop: every wrong row is told, and nothing is done then. */
export async function importBindings(
  { body, by, signal }: Asked,
  deps: OperatorDeps,
): Promise<ImportBindingsAnswer> {
  const { text, file, dryRun } = importBindingsRequest.parse(body);
  const rows = withoutHeader(parseCsv(text), file);
  const named = desktopNames(await deps.store.desktops());
  const problems: Problem[] = [];
  const wanted: (Pick<Binding, 'kind' | 'key' | 'desktop'> & { line: number })[] = [];
  const read = async (row: CsvRow): Promise<void> => {
    try {
      wanted.push({ ...(await bindingIn(row, named, deps, signal)), line: row.line });
    } catch (error) {
      if (!(error instanceof Fault) || error.retry !== 'refused') throw error;
      problems.push({ where: `${file}:${row.line}`, path: '', text: error.message });
    }
  };
  for (let from = 0; from < rows.length; from += LOOKUPS)
    await Promise.all(rows.slice(from, from + LOOKUPS).map(read));
  wanted.sort((a, b) => a.line - b.line);
  // With some rows unreadable the others are only tried, so that everything that is wrong is told at once.
  const tried = await deps.store.prepareBindings(wanted, by, dryRun || problems.length > 0);
  for (const [i, problem] of tried.entries())
    if (problem !== undefined)
      problems.push({ where: `${file}:${wanted[i]!.line}`, path: '', text: problem });
  if (problems.length > 0)
    throw new ConfigFault(
      file,
      problems.sort((a, b) => lineOf(a) - lineOf(b)),
    );
  return { bindings: wanted.length, applied: !dryRun };
}

const lineOf = ({ where }: Problem): number => Number(where.slice(where.lastIndexOf(':') + 1));

function withoutHeader(rows: CsvRow[], file: string): CsvRow[] {
  const [head, ...rest] = rows;
  const wrong = (line: number, text: string) =>
    new ConfigFault(file, [{ where: `${file}:${line}`, path: '', text }]);
  if (!head || head.cells.join(',').toLowerCase() !== COLUMNS.join(','))
    throw wrong(head?.line ?? 1, `the first line has to be ${COLUMNS.join(',')}: kind is user, seat or tc`);
  if (rest.length > MOST_ROWS)
    throw wrong(rest[MOST_ROWS]!.line, `more than ${MOST_ROWS} rows; split the file`);
  return rest;
}

async function bindingIn(
  { cells }: CsvRow,
  named: ReadonlyMap<string, Desktop>,
  deps: OperatorDeps,
  signal: AbortSignal,
): Promise<Pick<Binding, 'kind' | 'key' | 'desktop'>> {
  if (cells.length !== COLUMNS.length)
    throw bad(`has ${cells.length} columns; there are ${COLUMNS.length}: ${COLUMNS.join(', ')}`);
  const [said, of, name] = cells as [string, string, string];
  const kind = KINDS.find((one) => one === said.toLowerCase());
  if (!kind) throw bad(`“${said}” is no kind${meant(said, KINDS)}`);
  const desktop = named.get(name.toLowerCase());
  if (!desktop) throw bad(`there is no desktop “${name}”${meant(name, named.keys())}`);
  return { kind, key: await keyIn(kind, of, deps, signal), desktop: desktop.id };
}

/** Whom a binding is for, as the store has them. @throws Fault (refused) that names what there is not */
async function keyIn(
  kind: BindingKind,
  of: string,
  deps: OperatorDeps,
  signal: AbortSignal,
): Promise<string> {
  const { seats } = deps.catalogue();
  switch (kind) {
    case 'user': {
      const person = of === '' ? undefined : await deps.explainWith.find(of, signal);
      if (!person) throw bad(`no directory knows “${of}”`);
      return person.id;
    }
    case 'seat':
      if (!seats.has(of)) throw bad(`there is no seat “${of}”${meant(of, seats.keys())}`);
      return of;
    case 'tc': {
      const fingerprint = readFingerprint(of);
      const tc = fingerprint && (await deps.store.tcByFingerprint(fingerprint));
      if (!tc) throw bad(`no thin client with the fingerprint “${of}” has connected`);
      return tc.id;
    }
    default:
      return kind satisfies never;
  }
}

const bad = (text: string): Fault => new Fault('row-invalid', 'refused', text);

/** Desktops by what people call them: number, server's name, ids. */
export function desktopNames(desktops: readonly Desktop[]): Map<string, Desktop> {
  const named = new Map<string, Desktop>();
  for (const desktop of desktops) {
    for (const name of [desktop.id, desktop.serverId, String(desktop.number), desktop.serverName])
      if (name !== undefined) named.set(name.toLowerCase(), desktop);
  }
  return named;
}

async function desktopIn({ params }: Asked, { store }: OperatorDeps): Promise<Desktop> {
  const name = params['desktop'] ?? '';
  const named = desktopNames(await store.desktops());
  const desktop = named.get(name.toLowerCase());
  if (desktop) return desktop;
  throw new Fault('desktop-unknown', 'refused', `there is no desktop “${name}”${meant(name, named.keys())}`);
}

/** Ends every binding that is due, also where they are so many that the hub left them. */
export async function expireBindings({ body, by }: Asked, deps: OperatorDeps): Promise<ExpireBindingsAnswer> {
  const { dryRun } = expireBindingsRequest.parse(body);
  const due = dryRun ? (await deps.bindingExpiry.due()).due : await deps.bindingExpiry.endAll(by);
  const names = new Map((await deps.store.desktops()).map((d) => [d.id, d.serverName ?? String(d.number)]));
  const told = due.map(({ kind, key, desktop, usedAt }) => ({
    kind,
    key,
    desktop: names.get(desktop) ?? desktop,
    usedAt,
  }));
  return { bindings: told, applied: !dryRun };
}

/** The desktop is nobody's any more. */
export async function endBinding(asked: Asked, deps: OperatorDeps): Promise<unknown> {
  endBindingRequest.parse(asked.body);
  const desktop = await desktopIn(asked, deps);
  const ended = await deps.store.endBinding(desktop.id, asked.by, 'an operator unbound it');
  deps.lookAtPool(ended.pool);
  return ended;
}

/** The desktop, and what is on it, is somebody else's. */
export async function rebind(asked: Asked, deps: OperatorDeps): Promise<unknown> {
  const { kind, of, withItsData } = rebindRequest.parse(asked.body);
  const desktop = await desktopIn(asked, deps);
  const key = await keyIn(kind, of, deps, asked.signal);
  return deps.store.rebind(desktop.id, { kind, key }, withItsData, asked.by);
}

/** Instead of this desktop they have one of another pool. */
export async function moveBinding(asked: Asked, deps: OperatorDeps): Promise<unknown> {
  const { pool } = moveBindingRequest.parse(asked.body);
  const { pools } = deps.catalogue();
  if (!pools.has(pool)) throw bad(`there is no pool “${pool}”${meant(pool, pools.keys())}`);
  const desktop = await desktopIn(asked, deps);
  const moved = await deps.store.moveBinding(desktop.id, pool, asked.by);
  for (const one of [desktop.pool, pool]) deps.lookAtPool(one);
  const now = await deps.store.desktop(moved.desktop);
  return { ...moved, server: now?.serverName ?? String(now?.number) };
}
