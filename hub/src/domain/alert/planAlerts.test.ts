import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { MINUTE, SECOND } from '@anyseat/base';
import { keyOf, type Alert, type AlertId, type Condition } from './alert.ts';
import { alertRules, type AlertCode } from './alertRules.ts';
import { planAlerts, type Blind, type Spans } from './planAlerts.ts';

/** A hub that carries its plans out at once. */
class Floor {
  standing: Alert[] = [];
  spans: Spans = new Map();
  now = 0;
  readonly said: string[] = [];

  look(conditions: readonly Condition[], blind: readonly Blind[] = [], afterMs = 15 * SECOND): void {
    this.now += afterMs;
    const plan = planAlerts(this.standing, { conditions, blind }, this.spans, { now: this.now, patience: 1 });
    this.spans = plan.spans;
    for (const { alert, fields } of plan.change)
      this.standing = this.standing.map((one) => (one === alert ? { ...one, fields } : one));
    for (const over of plan.resolve) {
      this.standing = this.standing.filter((one) => one !== over);
      this.said.push(`- ${keyOf(over)}`);
    }
    for (const condition of plan.open) {
      const severity = alertRules[condition.code].severity;
      const id = `alt_${this.said.length}` as AlertId;
      const rest = { acknowledged: undefined, silence: undefined, told: true, resolvedAt: undefined };
      this.standing.push({ ...condition, id, severity, openedAt: this.now, ...rest });
      this.said.push(`+ ${keyOf(condition)}`);
    }
  }

  looks(times: number, conditions: readonly Condition[], blind: readonly Blind[] = []): void {
    for (let i = 0; i < times; i++) this.look(conditions, blind);
  }
}

const condition = (code: AlertCode, about: string, within: string[] = [], fields = {}): Condition => ({
  code,
  about,
  within,
  fields,
});
const dark = condition('site-dark', 'site/nantong');
const silent = (n: number) => condition('seat-silent', `seat/s${n}`, ['row/nantong/1', 'site/nantong']);
const seats = Array.from({ length: 800 }, (_, i) => silent(i));

test('a dead site is one alert, not eight hundred, also while its seats come back one by one', () => {
  const floor = new Floor();
  floor.looks(40, [dark, ...seats]);
  expect(floor.said).toEqual(['+ site-dark site/nantong']);
  floor.looks(4, seats.slice(0, 100));
  floor.looks(20, []);
  expect(floor.said).toEqual(['+ site-dark site/nantong', '- site-dark site/nantong']);
});

test('what stays when the site is back is told after its own delay', () => {
  const floor = new Floor();
  floor.looks(40, [dark, ...seats]);
  floor.looks(12, [silent(7)]);
  expect(floor.said).not.toContain('+ seat-silent seat/s7');
  floor.looks(1, [silent(7)]);
  expect(floor.said).toContain('+ seat-silent seat/s7');
});

test('what was told before its whole went goes on standing, and is over when it is', () => {
  const floor = new Floor();
  floor.looks(20, [silent(1)]);
  floor.looks(20, [dark, ...seats]);
  floor.looks(20, []);
  expect(floor.said).toEqual([
    '+ seat-silent seat/s1',
    '+ site-dark site/nantong',
    '- seat-silent seat/s1',
    '- site-dark site/nantong',
  ]);
});

test('what comes and goes is told once', () => {
  const floor = new Floor();
  const away = [condition('directory-down', 'directory/ad')];
  for (let i = 0; i < 60; i++) floor.look(i % 3 === 2 ? [] : away, [], 10 * SECOND);
  expect(floor.said).toEqual(['+ directory-down directory/ad']);
});

test('what is there for a moment now and then is not told at all', () => {
  const floor = new Floor();
  const away = [condition('cloud-down', 'cloud/a')];
  for (let i = 0; i < 60; i++) floor.look(i % 6 === 0 ? away : [], [], 10 * SECOND);
  expect(floor.said).toEqual([]);
});

test('what cannot be seen is not over', () => {
  const floor = new Floor();
  floor.looks(10, [condition('host-down', 'host/a/cn-1', ['cloud/a'])]);
  floor.looks(100, [], [{ codes: ['host-down'], within: 'cloud/a' }]);
  expect(floor.said).toEqual(['+ host-down host/a/cn-1']);
  floor.looks(100, [], [{ codes: ['host-down'], within: 'cloud/b' }]);
  expect(floor.said).toEqual(['+ host-down host/a/cn-1', '- host-down host/a/cn-1']);
});

test('after a restart what stood is not over before it was looked for long enough', () => {
  const floor = new Floor();
  floor.looks(10, [dark]);
  floor.spans = new Map();
  floor.look([], [], SECOND);
  floor.look([], [], alertRules['site-dark'].clearAfterMs - SECOND);
  expect(floor.said).toEqual(['+ site-dark site/nantong']);
  floor.look([], [], SECOND);
  expect(floor.said).toEqual(['+ site-dark site/nantong', '- site-dark site/nantong']);
});

test('the figures of an alert follow what is seen', () => {
  const floor = new Floor();
  floor.looks(6, [condition('site-dark', 'site/a', [], { count: 5 })]);
  floor.look([condition('site-dark', 'site/a', [], { count: 9 })]);
  expect(floor.standing.map(({ fields }) => fields)).toEqual([{ count: 9 }]);
});

const anyCondition = fc
  .record({
    code: fc.constantFrom(...(Object.keys(alertRules) as AlertCode[])),
    about: fc.constantFrom('hub', 'site/a', 'cloud/a'),
    within: fc.subarray(['site/a', 'cloud/a']),
  })
  .map(({ code, about, within }) => condition(code, about, within));

test('whatever is seen: one of a kind is open, none opens beside its cause, and all is over in the end', () => {
  fc.assert(
    fc.property(fc.array(fc.uniqueArray(anyCondition, { selector: keyOf }), { maxLength: 30 }), (looks) => {
      const floor = new Floor();
      for (const conditions of looks) {
        const before = new Set(floor.standing.map(keyOf));
        floor.look(conditions, [], MINUTE);
        const keys = floor.standing.map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
        const there = new Set(conditions.map(keyOf));
        const beside = floor.standing.filter(
          (one) =>
            !before.has(keyOf(one)) &&
            ((alertRules[one.code] as { dependsOn?: readonly string[] }).dependsOn ?? []).some((parent) =>
              ['hub', one.about, ...one.within].some((whole) => there.has(`${parent} ${whole}`)),
            ),
        );
        expect(beside).toEqual([]);
      }
      for (let i = 0; i < 30; i++) floor.look([], [], MINUTE);
      expect([floor.standing, floor.spans.size]).toEqual([[], 0]);
    }),
  );
});

test('every cause that a rule names is a rule itself, and no two cause each other', () => {
  const causes = (code: string): string[] =>
    ((alertRules as Record<string, { dependsOn?: readonly string[] }>)[code]?.dependsOn ?? []).flatMap(
      (parent) => [parent, ...causes(parent)],
    );
  const wrong = Object.keys(alertRules).filter((code) =>
    causes(code).some((parent) => parent === code || !Object.hasOwn(alertRules, parent)),
  );
  expect(wrong).toEqual([]);
});
