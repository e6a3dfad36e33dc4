import { setImmediate } from 'node:timers/promises';
import { DAY, Fault } from '@anyseat/base';
import type { WhatifAnswer, WhatifChange } from '@anyseat/protocol';
import { chooseAllocator, inOrder, poolsAt, type Asker } from '../domain/allocator.ts';
import type { BindingKind } from '../domain/binding.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Reason } from '../domain/reason.ts';
import { askerAt } from '../login/askers.ts';
import type { Store } from '../store/store.ts';

/** More logins than this are not looked at: the newest are. */
const MOST_LOGINS = 500_000;
const MOST_NAMED = 200;

interface WhatifDeps {
  store: Pick<Store, 'loginsSince'>;
  catalogue: () => Catalogue;
  now: () => number;
  /** Monotonic. */
  upMs: () => number;
}

/** What somebody gets: the allocator with its pools and binding; or nothing, and why. */
interface Served {
  allocator: string | undefined;
  /** For people: `service (office, training; bound to the user)`. */
  text: string;
}

/**
 * The logins of the last days, each with the person as the directory gave them then and at the same seat and hour, by the
 * rules as they are and as they would be: who would get something else. Nothing is changed, and no directory is asked.
 */
export async function whatif(after: Catalogue, days: number, deps: WhatifDeps): Promise<WhatifAnswer> {
  if (isBusy)
    throw new Fault('whatif-busy', 'transient', 'somebody else asks that just now; ask again in a moment');
  isBusy = true;
  try {
    return await tried(after, days, deps);
  } finally {
    isBusy = false;
  }
}

/** It reads and judges hundreds of thousands of logins: one at a time, beside the work. */
let isBusy = false;

async function tried(after: Catalogue, days: number, deps: WhatifDeps): Promise<WhatifAnswer> {
  const before = deps.catalogue();
  const [isNow, wouldBe] = [judge(before), judge(after)];
  const people = new Set<string>();
  const groups = new Map<string, Group>();
  let [logins, changed] = [0, 0];
  for await (const login of loginsOf(deps, days)) {
    logins++;
    people.add(login.asker.person.id);
    const [from, to] = [isNow(login), wouldBe(login)];
    if (from.text === to.text) continue;
    changed++;
    const key = JSON.stringify([from.text, to.text]);
    const group = groups.get(key) ?? { from, to, logins: 0, people: new Map() };
    groups.set(key, group);
    group.logins++;
    // Newest first: their last login is the one that is shown.
    if (!group.people.has(login.asker.person.id)) group.people.set(login.asker.person.id, login);
  }
  return {
    days,
    logins,
    people: people.size,
    changed,
    changes: [...groups.values()].map(told),
  };
}

/** So long the loop is held at most, give or take one login. */
const SLICE_MS = 5;
const PAGE = 100;

/** Newest first, with a turn of the loop between slices. */
async function* loginsOf({ store, now, upMs }: WhatifDeps, days: number): AsyncGenerator<Reason> {
  const from = now() - days * DAY;
  let last: Reason | undefined;
  let until = upMs() + SLICE_MS;
  for (let seen = 0; seen < MOST_LOGINS;) {
    const page = await store.loginsSince(from, PAGE, last);
    for (const login of page) {
      yield login;
      if (upMs() < until) continue;
      await setImmediate();
      until = upMs() + SLICE_MS;
    }
    seen += page.length;
    last = page.at(-1);
    if (page.length < PAGE) return;
  }
}

interface Group {
  from: Served;
  to: Served;
  logins: number;
  people: Map<string, Reason>;
}

const told = ({ from, to, logins, people }: Group): WhatifChange => ({
  from: from.text,
  to: to.text,
  logins,
  people: people.size,
  who: [...people.values()].slice(0, MOST_NAMED).map(({ asker, at, session }) => ({
    user: asker.person.user,
    displayName: asker.person.displayName,
    seat: asker.seat.name,
    at,
    session,
  })),
});

/** A judge of logins by one catalogue. A seat that it does not have has the tags and the site that it had then. */
export function judge(catalogue: Catalogue): (login: Reason) => Served {
  const ordered = inOrder(catalogue.allocators.values());
  return ({ asker: then }) => {
    const asker: Asker = askerAt(catalogue, then.person, then.seat.name, then.time, then.tc.tags) ?? then;
    const rule = chooseAllocator(ordered, asker);
    if (!rule) return { allocator: undefined, text: 'no allocator: the login is refused' };
    const { binding } = rule.spec;
    const pools = poolsAt(rule.spec, asker.site.name);
    return { allocator: rule.name, text: servedText({ allocator: rule.name, pools, binding }) };
  };
}

/** `service (office, training; bound to the user)` */
export function servedText(by: {
  allocator: string;
  pools: readonly string[];
  binding: 'none' | BindingKind;
}): string {
  const bound = by.binding === 'none' ? '' : `; bound to the ${by.binding}`;
  return `${by.allocator} (${by.pools.join(', ')}${bound})`;
}
