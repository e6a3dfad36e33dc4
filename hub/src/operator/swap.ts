import { Fault, meant, SECOND } from '@anyseat/base';
import { swapRequest, type ActAnswer, type ConsoleLogAnswer, type SwapAnswer } from '@anyseat/protocol';
import type { Binding } from '../domain/binding.ts';
import { isFree, type Desktop } from '../domain/desktop.ts';
import type { Session } from '../domain/session.ts';
import { isSwapped } from '../domain/swap.ts';
import type { Swapped } from '../store/store.ts';
import { desktopNames } from './bindings.ts';
import type { Asked, OperatorDeps } from './routes.ts';
import { desktopView } from './views.ts';

interface Found {
  desktop: Desktop;
  session: Session | undefined;
  binding: Binding | undefined;
}

/** A broken desktop is taken out from under its person: what that means, or, done, what it came to. */
export async function swap({ body, by }: Asked, deps: OperatorDeps): Promise<SwapAnswer> {
  const { of, reason, dryRun, expect } = swapRequest.parse(body);
  const found = expect ? await foundById(expect.desktop, deps) : await find(of, deps);
  if (dryRun) return { ...about(found), applied: false, text: await consequences(found, deps) };
  const { desktop } = found;
  const was = expect && { session: expect.session as Session['id'] | undefined };
  const paces = { operators: deps.operatorSwaps };
  const order = { desktop: desktop.id, origin: 'operator' as const, reason, paces, ...(was ? { was } : {}) };
  const swapped = await deps.swap(order, by);
  if (swapped.kind === 'too-often') {
    const { retryAfterMs } = swapped;
    const text = `${deps.operatorSwaps.most} desktops were swapped by operators within a minute (moves.operatorsPerMinute in hub.yaml); the next can be in ${Math.ceil(retryAfterMs / SECOND)} s`;
    throw new Fault('swap-too-often', 'refused', text, { fields: { retryAfterMs } });
  }
  if (swapped.kind !== 'swapped') {
    const text = `somebody else is on ${nameOf(desktop)} by now; nothing was changed`;
    throw new Fault('desktop-changed', 'refused', text, { fields: { desktop: desktop.id } });
  }
  const to = swapped.swap.to && (await deps.store.desktop(swapped.swap.to));
  const after = { ...found, desktop: (await deps.store.desktop(desktop.id)) ?? desktop };
  return {
    ...about(after),
    applied: true,
    ...(to ? { to: nameOf(to) } : {}),
    text: outcome(swapped, desktop, to),
  };
}

/** Where the person sits whose desktop a swap would take. */
export async function swapSite({ body }: Asked, deps: OperatorDeps): Promise<string | undefined> {
  const { of, expect } = swapRequest.parse(body);
  const { session } = expect ? await foundById(expect.desktop, deps) : await find(of, deps);
  return session?.site;
}

const about = ({ desktop, session, binding }: Found) => ({
  desktop: desktopView(desktop, session),
  ...(session ? { user: session.user, seat: session.seat, session: session.id } : {}),
  ...(binding ? { boundTo: { kind: binding.kind, key: binding.key } } : {}),
});

async function consequences({ desktop, session, binding }: Found, deps: OperatorDeps): Promise<string[]> {
  const pools = binding ? [desktop.pool] : [...new Set([desktop.pool, ...(session?.pools ?? [])])];
  const ready = (await deps.store.desktops()).filter((d) => isFree(d) && pools.includes(d.pool)).length;
  const name = nameOf(desktop);
  const who = session ? `${session.user} at seat ${session.seat}` : undefined;
  return [
    `Desktop ${name} is put into quarantine, with its console log, and is never handed out again.`,
    who === undefined
      ? 'Nobody is on it.'
      : `The picture closes for ${who}; what is open there is lost for them.`,
    ...(binding ? [`It is bound to ${binding.kind} ${binding.key}: what is on it stays there.`] : []),
    ...(who === undefined && !binding
      ? []
      : ready > 0
        ? [`One of ${ready} ready desktops takes its place at once.`]
        : [
            who === undefined
              ? 'None is ready: the binding ends, and the next login is bound anew.'
              : 'None is ready: they wait, first in line.',
          ]),
  ];
}

function outcome(
  { session, again }: Extract<Swapped, { kind: 'swapped' }>,
  desktop: Desktop,
  to: Desktop | undefined,
): string[] {
  return [
    `Desktop ${nameOf(desktop)} ${again ? 'was swapped before' : 'is in quarantine'}; its console log: anyseat desktop log ${nameOf(desktop)}`,
    ...(to ? [`${nameOf(to)} has taken its place${session ? ` for ${session.user}` : ''}.`] : []),
    ...(session && !to ? [`${session.user} waits for another one, first in line.`] : []),
  ];
}

const nameOf = (desktop: Desktop): string => desktop.serverName ?? String(desktop.number);

async function withWhom(desktop: Desktop, { store }: OperatorDeps): Promise<Found> {
  const session = desktop.session === undefined ? undefined : await store.session(desktop.session);
  const binding = (await store.bindings()).find((one) => one.desktop === desktop.id);
  return { desktop, session, binding };
}

async function foundById(id: string, deps: OperatorDeps): Promise<Found> {
  const desktop = await deps.store.desktop(id as Desktop['id']);
  if (!desktop) throw new Fault('desktop-unknown', 'refused', `there is no desktop “${id}”`);
  return withWhom(desktop, deps);
}

/** By a person's name, a seat or what a desktop is called; of several that are meant none is taken. */
async function find(of: string, deps: OperatorDeps): Promise<Found> {
  const [, kind, name = of] = /^(user|seat|desktop)\/(.+)$/.exec(of) ?? [];
  const { store } = deps;
  const desktops = await store.desktops();
  const live = await store.sessions({ live: true });
  const byId = new Map(desktops.map((d) => [d.id, d]));
  const named = desktopNames(desktops);
  const same = (text: string) => text.toLowerCase() === name.toLowerCase();
  const bound = (await store.bindings()).filter(({ kind, key }) =>
    live.some((s) => s.desktop === undefined && kind === 'user' && key === s.person && same(s.user)),
  );
  const hits = new Map<Desktop['id'], string>();
  const add = (as: string, id: Desktop['id'] | undefined) => {
    if (id !== undefined && byId.has(id) && (kind === undefined || kind === as))
      hits.set(id, `${as}/${name}`);
  };
  for (const s of live) {
    if (same(s.user)) add('user', s.desktop);
    if (s.seat === name) add('seat', s.desktop);
  }
  for (const { desktop } of bound) add('user', desktop);
  add('desktop', named.get(name.toLowerCase())?.id);
  const [first, ...more] = hits.keys();
  if (first === undefined) {
    const names = [...live.flatMap((s) => [s.user, s.seat]), ...named.keys()];
    const text = `nobody of that name is on a desktop, no desktop is in use at such a seat, and none is called “${name}”${meant(name, names)}`;
    throw new Fault('nothing-to-swap', 'refused', text);
  }
  if (more.length === 0) return withWhom(byId.get(first)!, deps);
  const which = [...hits].map(([id, as]) => `${as}: ${nameOf(byId.get(id)!)}`).join('; ');
  throw new Fault('swap-ambiguous', 'refused', `“${name}” can be several (${which}); name the desktop`);
}

async function desktopOf({ params }: Asked, { store }: OperatorDeps): Promise<Desktop> {
  const name = params['id'] ?? '';
  const named = desktopNames(await store.desktops());
  const desktop = named.get(name.toLowerCase());
  if (desktop) return desktop;
  throw new Fault('desktop-unknown', 'refused', `there is no desktop “${name}”${meant(name, named.keys())}`);
}

/** The quarantine of a swap is over: a desktop that nobody has used is proved again and ready, any other is removed. */
export async function releaseDesktop(asked: Asked, deps: OperatorDeps): Promise<ActAnswer> {
  const { by } = asked;
  const desktop = await desktopOf(asked, deps);
  const name = nameOf(desktop);
  if (!isSwapped(desktop)) {
    const why =
      desktop.state === 'quarantined' ? ': who used it is not known; anyseat desktop retire removes it' : '';
    throw new Fault(
      'desktop-not-releasable',
      'refused',
      `desktop ${name} is ${desktop.state}, and not by a swap${why}`,
    );
  }
  const freed = await deps.store.recordDesktop(desktop.id, { kind: 'release' }, by);
  const next = freed ?? (await deps.store.recordDesktop(desktop.id, { kind: 'retire' }, by));
  deps.lookAtPool(desktop.pool);
  if (!next)
    throw new Fault('desktop-changed', 'refused', `desktop ${name} is not as it was; nothing was changed`);
  return {
    text: freed
      ? `Desktop ${name} was never used: it is proved again, and handed out when it answers.`
      : `Desktop ${name} was used: it is removed, and its pool makes another when it wants one.`,
  };
}

const LINES = 2000;

/** What was kept of it, or what the cloud has now. */
export async function desktopLog(asked: Asked, deps: OperatorDeps): Promise<ConsoleLogAnswer> {
  const desktop = await desktopOf(asked, deps);
  const name = nameOf(desktop);
  const kept = await deps.store.consoleLog(desktop.id);
  if (kept) return { desktop: name, keptAt: kept.at, text: kept.text };
  const cloud = deps.clouds.get(desktop.cloud);
  const within = AbortSignal.any([asked.signal, AbortSignal.timeout(15 * SECOND)]);
  const text = desktop.serverId && cloud && (await cloud.consoleLog(desktop.serverId, LINES, within));
  if (text === undefined || text === '') {
    throw new Fault(
      'no-console-log',
      'refused',
      `there is no console log of desktop ${name}: it has no server, or its cloud keeps none`,
    );
  }
  return { desktop: name, text };
}
