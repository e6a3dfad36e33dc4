import { MINUTE } from '@anyseat/base';
import { expect, test } from 'vitest';
import { Brake, usualLimits } from './brake.ts';

/** A brake on a clock that only the test moves. */
function held(limits = usualLimits) {
  const tight: string[] = [];
  let now = 0;
  const clock = { monotonic: () => now } as ConstructorParameters<typeof Brake>[0];
  return {
    brake: new Brake(
      clock,
      () => limits,
      (site) => tight.push(site),
    ),
    tight,
    pass: (ms: number) => (now += ms),
  };
}

test('four wrong passwords of one name, however it is written, make it wait for the rest of the window', () => {
  const { brake, pass } = held();
  for (const [i, name] of ['anna', ' ANNA ', 'CALL\\anna', 'anna@call.example'].entries()) {
    expect(brake.waitMs('anna', `tc${i}`)).toBe(0);
    brake.begin(name, `tc${i}`);
    pass(1000);
  }
  expect([brake.waitMs('Anna', 'tc9'), brake.waitMs('anna2', 'tc9')]).toEqual([5 * MINUTE - 4000, 0]);
  pass(5 * MINUTE - 4000);
  expect(brake.waitMs('anna', 'tc9')).toBe(0);
});

test('a right password clears its name, but not the box it was typed at', () => {
  const { brake } = held({ user: 2, tc: 3, site: 100, windowMs: MINUTE });
  brake.begin('anna', 'tc1');
  brake.begin('anna', 'tc1').succeeded();
  brake.begin('anna', 'tc1');
  expect(brake.waitMs('anna', 'tc2')).toBe(0);
  brake.begin('li', 'tc1');
  expect([brake.waitMs('bo', 'tc1') > 0, brake.waitMs('bo', 'tc2')]).toEqual([true, 0]);
});

test('one that no directory judged was none', () => {
  const { brake, pass } = held({ user: 1, tc: 1, site: 1, windowMs: MINUTE });
  brake.begin('anna', 'tc1', 'north').wasNone();
  pass(10_000);
  expect([brake.waitMs('anna', 'tc1', 'north'), brake.isTight('north')]).toEqual([0, false]);
});

test('one password tried on many names from many boxes makes a site tight, and shuts nobody out', () => {
  const { brake, tight, pass } = held({ user: 4, tc: 20, site: 30, windowMs: MINUTE });
  for (let i = 0; i < 30; i++) brake.begin(`name${i}`, `tc${i % 6}`, 'north');
  // They may all be on their way still, and right.
  expect([brake.isTight('north'), tight]).toEqual([false, []]);
  pass(10_000);
  brake.begin('max', 'tc50', 'north').wasNone();
  expect([brake.isTight('north'), tight]).toEqual([true, ['north']]);
  // A box that was tried from five times has used up its quarter; one that was not has not.
  expect([brake.waitMs('li', 'tc0', 'north') > 0, brake.waitMs('li', 'tc77', 'north')]).toEqual([true, 0]);
  brake.begin('bo', 'tc77', 'north');
  expect(brake.waitMs('bo', 'tc78', 'north')).toBe(0);
  brake.begin('bo', 'tc78', 'north');
  expect(brake.waitMs('bo', 'tc79', 'north')).toBeGreaterThan(0);
  expect([brake.waitMs('bo', 'tc0', 'south') > 0, brake.waitMs('li', 'tc0', 'south')]).toEqual([false, 0]);
});
