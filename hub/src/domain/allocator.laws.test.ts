import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AllocatorSpec, Match } from '@anyseat/protocol';
import { chooseAllocator, explainAllocators, inOrder, type Asker, type ClauseVerdict } from './allocator.ts';
import type { Resource } from './catalogue.ts';

/** Few words, so that rules and people meet often. */
const word = fc.constantFrom('a', 'b', 'C', 'ou=A,dc=x', 'cn=b,ou=a,dc=x', 'dc=x', '', '=', '\\');
const words = fc.array(word, { minLength: 1, maxLength: 3 });
const tagName = fc.constantFrom('row', 'Row', 'constructor', '__proto__', 'b');
const tags = fc.dictionary(tagName, word, { maxKeys: 3 });
const wantedTags = fc.dictionary(tagName, fc.oneof(word, words), { minKeys: 1, maxKeys: 2 });
const hours = fc.array(fc.constantFrom('mon-fri', '22:00-06:00', 'sat 08:00-20:00', '2026-11-24'), {
  minLength: 1,
});

const clauses = { groups: words, ou: words, users: words, sites: words, hours };
const tagClauses = { person: wantedTags, seat: wantedTags, tc: wantedTags, site: wantedTags };
const saysSomething = (m: Match): boolean => Object.keys(m).length > 0;
const plain: fc.Arbitrary<Match> = fc
  .record({ ...clauses, ...tagClauses }, { requiredKeys: [] })
  .filter(saysSomething);
const deeper = (of: fc.Arbitrary<Match>): fc.Arbitrary<Match> => {
  const several = fc.array(of, { minLength: 1, maxLength: 2 });
  return fc
    .record({ ...clauses, ...tagClauses, all: several, any: several, not: of }, { requiredKeys: [] })
    .filter(saysSomething);
};
const match = fc.oneof(plain, deeper(plain), deeper(deeper(plain)));

const asker: fc.Arbitrary<Asker> = fc.record({
  person: fc.record({
    id: fc.constant('corp:1'),
    directory: fc.constant('corp'),
    user: word,
    displayName: word,
    dn: word,
    groups: fc.array(word, { maxLength: 3 }),
    attributes: fc.dictionary(tagName, fc.array(word, { maxLength: 2 }), { maxKeys: 3 }),
  }),
  seat: fc.record({ name: word, tags }),
  site: fc.record({ name: word, tags }),
  tc: fc.record({ tags }),
  time: fc.record({
    date: fc.constantFrom('2026-11-24', '2026-11-28'),
    day: fc.constantFrom(1, 5),
    minute: fc.integer({ min: 0, max: 1439 }),
  }),
});

const spec: fc.Arbitrary<AllocatorSpec> = fc
  .record({ priority: fc.integer({ min: 0, max: 3 }), match: fc.option(match, { nil: undefined }) })
  .map(({ priority, match: m }) => ({
    title: 't',
    priority,
    default: m === undefined,
    pools: ['p'],
    binding: 'none',
    ...(m ? { match: m } : {}),
  }));
const rules: fc.Arbitrary<Resource<AllocatorSpec>[]> = fc
  .array(spec, { maxLength: 6 })
  .map((specs) =>
    specs.map((one, i) => ({ name: `a${i}`, revision: 1, spec: one, author: 'test', changedAt: 0 })),
  );

test('explain agrees with the login, and every rule is judged, whoever asks', () => {
  fc.assert(
    fc.property(rules, asker, (some, who) => {
      const ordered = inOrder(some);
      const { chosen, verdicts } = explainAllocators(ordered, who);
      expect(chosen).toBe(chooseAllocator(ordered, who)?.name);
      expect(verdicts.map((v) => v.allocator)).toEqual(ordered.map((r) => r.name));
    }),
    { numRuns: 300 },
  );
});

test('the same question has the same answer, in whatever order the rules were written', () => {
  fc.assert(
    fc.property(
      rules.chain((some) =>
        fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
      ),
      asker,
      ([some, shuffled], who) => {
        const before = structuredClone(who);
        expect(explainAllocators(inOrder(shuffled), who)).toEqual(
          explainAllocators(inOrder(structuredClone(some)), structuredClone(who)),
        );
        expect(who).toEqual(before);
      },
    ),
  );
});

test('a rule serves whom all its clauses let in, and a combined clause is what its parts are', () => {
  const fits = ({ clause, holds, parts }: ClauseVerdict): boolean => {
    if (!parts) return true;
    const inner = parts.map((part) => part.holds);
    const means =
      clause === 'any' ? inner.some(Boolean) : clause === 'not' ? !inner[0] : inner.every(Boolean);
    return holds === means && parts.every(fits);
  };
  fc.assert(
    fc.property(rules, asker, (some, who) => {
      for (const { matches, clauses } of explainAllocators(inOrder(some), who).verdicts) {
        expect(matches).toBe(clauses.every((c) => c.holds));
        expect(clauses.every(fits)).toBe(true);
      }
    }),
  );
});

test('what not lets in is exactly what it keeps out without it', () => {
  fc.assert(
    fc.property(match, asker, (m, who) => {
      const one = (inner: Match) =>
        chooseAllocator(
          [
            {
              name: 'a',
              revision: 1,
              author: '',
              changedAt: 0,
              spec: { title: 't', priority: 0, default: false, pools: ['p'], binding: 'none', match: inner },
            },
          ],
          who,
        ) !== undefined;
      expect(one({ not: m })).toBe(!one(m));
    }),
  );
});

test('everybody is served while there is a default, and it is asked last', () => {
  fc.assert(
    fc.property(rules, asker, (some, who) => {
      const ordered = inOrder(some);
      const chosen = chooseAllocator(ordered, who);
      if (some.some((r) => r.spec.default)) expect(chosen).toBeDefined();
      if (chosen?.spec.default) {
        const others = ordered.filter((r) => !r.spec.default);
        expect(chooseAllocator(others, who)).toBeUndefined();
      }
    }),
  );
});
