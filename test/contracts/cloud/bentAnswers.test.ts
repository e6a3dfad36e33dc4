import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault, silentLog } from '@anyseat/base';
import type { Cloud } from '../../../hub/src/cloud/cloud.ts';
import { openCloud } from '../../../hub/src/cloud/openstack.ts';
import { hurriedClock } from '../../../packages/openstack/src/smallCloud.ts';
import { startBendingProxy, type PassingAnswer } from './bendingProxy.ts';
import { cheapOrder, isState, plainSpice, seenAs } from './cloudBench.ts';
import { minicloudBench } from './minicloudBench.ts';

/** True answers of a cloud with one thing in them changed: what a proxy, a plug-in or the next release may do to them. */

type Bend = (value: unknown) => unknown;

/** What becomes of a value; `undefined` leaves it out. */
const bends: Readonly<Record<string, Bend>> = {
  'left out': () => undefined,
  null: () => null,
  'a number': () => 7,
  'no end of digits': () => '9'.repeat(400),
  'an empty text': () => '',
  'other words': () => 'SOMETHING_NEW',
  'a list of it': (value) => [value],
  'a thing of it': (value) => ({ value }),
  'an empty list': () => [],
  twice: (value) =>
    Array.isArray(value) ? [...value, ...(value as unknown[])] : `${String(value)}${String(value)}`,
};

type Place = readonly (string | number)[];

/** Every place of a JSON value, itself first. */
function placesOf(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...at, key]))];
}

function bentAt(value: unknown, place: Place, bend: Bend): unknown {
  const [key, ...further] = place;
  if (key === undefined) return bend(value);
  if (Array.isArray(value))
    return value.flatMap((inner: unknown, i) => {
      const bent = String(i) === key ? bentAt(inner, further, bend) : inner;
      return bent === undefined ? [] : [bent];
    });
  return { ...(value as object), [key]: bentAt((value as Record<string, unknown>)[key], further, bend) };
}

function bentText(text: string, place: number, how: string): string {
  if (how === 'cut short') return text.slice(0, place % (text.length + 1));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return text;
  }
  const places = placesOf(body);
  return JSON.stringify(bentAt(body, places[place % places.length]!, bends[how]!)) ?? '';
}

/** All that a hub asks of a cloud of one desktop, in the order of its life. Gives what went wrong. */
async function life(
  cloud: Cloud,
  standing: string,
  order: Parameters<Cloud['create']>[0],
): Promise<unknown[]> {
  const wrong: unknown[] = [];
  const tried = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await act();
    } catch (error) {
      wrong.push(error);
      return undefined;
    }
  };
  await tried(() => cloud.probe());
  const listing = await tried(() => cloud.withTag('bent'));
  for (const server of listing?.servers ?? []) expect(server.id).toBeTypeOf('string');
  await tried(() => cloud.hosts());
  await tried(() => cloud.ports());
  await tried(() => cloud.endpoint(standing));
  await tried(() => cloud.consoleLog(standing, 5));
  await tried(() => cloud.whyNotRebuilt(order.spec));
  await tried(() => cloud.image(order.spec.image));
  const made = await tried(() => cloud.create(order));
  const id = made?.id ?? standing;
  expect(id).toBeTypeOf('string');
  await tried(() => cloud.server(id));
  await tried(() => cloud.start(standing));
  if (made) await tried(() => cloud.remove(id));
  return wrong;
}

const CODES = new Set([
  'cloud-unreachable', 'cloud-busy', 'cloud-quota', 'cloud-refused-order', 'cloud-credentials', 'cloud-forbidden',
  'cloud-settings', 'cloud-unsure', 'cloud-no-console',
]); // prettier-ignore

test('one thing changed in a true answer is a fault in words or nothing, and leaves nothing behind', async () => {
  await using bench = await minicloudBench();
  const url = bench.minicloud.url;
  await using proxy = await startBendingProxy(url);
  const through = { ...bench.member, authUrl: bench.member.authUrl.replace(url, proxy.url) };
  const admin = { ...bench.admin, authUrl: through.authUrl };
  const open = () =>
    openCloud({
      name: 'bent',
      member: through,
      admin,
      spice: plainSpice,
      clock: hurriedClock(),
      log: silentLog,
    });
  await using first = await open();
  const { id: standing } = await first.create(cheapOrder(bench, 'standing', ['bent']));
  await seenAs(first, standing, isState('running'), bench.patienceMs);
  let answers = 0;
  proxy.bend = (answer) => (answers++, answer);
  await using rehearsal = await open();
  expect(await life(rehearsal, standing, cheapOrder(bench, 'rehearsal', ['bent']))).toEqual([]);
  expect(answers).toBeGreaterThan(20);

  const bent = fc.record({
    nth: fc.nat({ max: answers - 1 }),
    place: fc.nat({ max: 100_000 }),
    how: fc.constantFrom('cut short', ...Object.keys(bends)),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(bent, async ({ nth, place, how }) => {
      const order = cheapOrder(bench, `bent-${++run}`, ['bent']);
      proxy.bend = (answer: PassingAnswer, n) =>
        n === nth ? { ...answer, text: bentText(answer.text, place, how) } : answer;
      await using cloud = await open();
      for (const error of await life(cloud, standing, order)) {
        if (!(error instanceof Fault)) throw error;
        expect(CODES).toContain(error.code);
        expect(error.message.length).toBeLessThan(1500);
      }
      proxy.bend = undefined;
      const after = await life(cloud, standing, cheapOrder(bench, `after-${run}`, ['bent']));
      if (after.length > 0) throw after[0];
    }),
    { numRuns: 200 },
  );
});
