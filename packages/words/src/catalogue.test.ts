import { loginStage, viewerEnd } from '@anyseat/protocol';
import { describe, expect, test } from 'vitest';
import { catalogue, isCode, say, sayToPerson } from './catalogue.ts';
import type { Entry } from './entry.ts';
import { placeholders } from './fill.ts';
import { languages } from './language.ts';
import { pageText, pageWords, type PageKey } from './pageWords.ts';

const now = Date.parse('2026-11-23T08:00:00+08:00');
const en = { language: 'en', now, timeZone: 'Asia/Shanghai' } as const;
const zh = { ...en, language: 'zh-CN' } as const;

const entries: [string, Entry][] = Object.entries(catalogue);
const texts = entries.flatMap(([code, entry]) =>
  languages.flatMap((language) =>
    (['text', 'next'] as const).map((part) => ({
      name: `${code}.${language}.${part}`,
      template: entry.said[language][part],
      fields: Object.keys(entry.fields),
    })),
  ),
);
const pageTexts = Object.entries(pageWords).flatMap(([key, { fields, said }]) =>
  languages.map((language) => ({
    name: `${key}.${language}`,
    template: said[language],
    fields: Object.keys(fields),
  })),
);

describe('every sentence', () => {
  test('stands in every language and ends like one', () => {
    const bad = texts.filter(({ template }) => !/[.。]$/.test(template.trim()));
    expect(bad.map((t) => t.name)).toEqual([]);
    expect(pageTexts.filter(({ template }) => template.trim() === '').map((t) => t.name)).toEqual([]);
  });

  test('is written in the letters of its language', () => {
    const chinese = /\p{Script=Han}/u;
    const wrong = [...texts, ...pageTexts].filter(
      ({ name, template }) => chinese.test(template) !== name.includes('zh-CN'),
    );
    expect(wrong.map((t) => t.name)).toEqual([]);
  });

  test('uses only fields that its code declares', () => {
    const strangers = [...texts, ...pageTexts].flatMap(({ name, template, fields }) =>
      placeholders(template)
        .filter((field) => !fields.includes(field))
        .map((field) => `${name}: ${field}`),
    );
    expect(strangers).toEqual([]);
  });

  test('has no hole when every field is missing', () => {
    const holes = entries.flatMap(([code]) =>
      [say(code, en), say(code, zh)].filter(({ text, next }) => /[{}[\]|…]|undefined/.test(text + next)),
    );
    expect(holes).toEqual([]);
  });
});

describe('the catalogue', () => {
  test('knows every end of a viewer, and the page every stage of a login', () => {
    expect(viewerEnd.options.filter((code) => !isCode(code))).toEqual([]);
    const stepKeys = loginStage.options.map((stage) => `step${stage[0]!.toUpperCase()}${stage.slice(1)}`);
    expect(stepKeys.filter((key) => !(key in pageWords))).toEqual([]);
  });

  test.each([
    [
      'the login',
      'wrong-password unknown-user ambiguous-user empty-password account-locked account-disabled',
    ],
    [
      'the account',
      'account-expired not-these-hours not-this-workstation password-expired password-must-change',
    ],
    [
      'a new password',
      'password-changed password-too-short password-too-simple password-too-young password-used-before ' +
        'password-not-accepted password-not-changeable password-change-unknown',
    ],
    [
      'the service',
      'directory-unavailable no-allocator no-desktop pool-missing too-many-attempts no-seat hub-busy',
    ],
    [
      'the session',
      'login-cancelled bound-desktop-gone move-here working-elsewhere session-unknown session-over desktop-lost desktop-off cloud-unavailable internal',
    ],
    ['the release', 'moved logged-off ended-by-operator grace-over silent-too-long superseded access-ended'],
    ['a swap', 'swapped swap-too-often swap-help-desk desktop-moves-soon'],
    [
      'the limits of a session',
      'idle-locked idle-too-long session-too-long hours-over ' +
        'idle-lock-soon idle-logoff-soon session-time-soon hours-over-soon access-ends-soon',
    ],
    ['the thin client', 'tc-not-approved tc-retired bad-signature protocol-version token-invalid'],
  ])('has the codes of %s', (_, codes) => {
    expect(codes.split(' ').filter((code) => !isCode(code))).toEqual([]);
  });

  test('says a code that it does not know as an inner fault with the code in it', () => {
    expect(say('toString', en)).toEqual({
      text: 'Something went wrong on our side (toString).',
      next: 'Try again. If it happens again, call the help desk.',
    });
  });
});

test('fields are written in the language and the time zone of the reader', () => {
  const until = Date.parse('2026-11-23T09:30:00+08:00');
  expect(say('account-locked', en, { until }).text).toBe('Your account is locked until 09:30.');
  expect(say('account-locked', zh, { until }).text).toBe('您的账户已被锁定，09:30 解锁。');
  expect(say('account-locked', en, { until: 'soon' }).text).toBe('Your account is locked.');
  const tomorrow = { until: until + 24 * 3_600_000 };
  expect(say('account-locked', en, tomorrow).text).toBe('Your account is locked until November 24 at 09:30.');
  expect(say('account-locked', zh, tomorrow).text).toBe('您的账户已被锁定，11月24日 09:30 解锁。');
});

test('a bracket gives way to what stands after the bar', () => {
  expect(say('hub-busy', en, { retryAfterMs: 180_000 }).next).toBe('Try again in about 3 minutes.');
  expect(say('hub-busy', en).next).toBe('Try again in a moment.');
});

test('what a field says is never read as a template, and never runs on for ever', () => {
  expect(say('moved', en, { seat: '[{user}|$&]' }).text).toBe(
    'Your desktop has moved to seat [{user}|$&], because you logged in there.',
  );
  expect(say('ended-by-operator', en, { text: 'x'.repeat(5000) }).text.length).toBeLessThan(200);
});

test('a person is not told which names the directory knows', () => {
  expect(sayToPerson('unknown-user', zh)).toEqual(sayToPerson('wrong-password', zh));
  expect(say('unknown-user', en)).not.toEqual(say('wrong-password', en));
});

test('a page text is filled like a sentence', () => {
  expect(pageText('seat' satisfies PageKey, zh, { label: '1-001' })).toBe('座位 1-001');
});
