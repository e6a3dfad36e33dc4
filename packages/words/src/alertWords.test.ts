import { expect, test } from 'vitest';
import { alertWords, sayAlert } from './alertWords.ts';
import { placeholders } from './fill.ts';
import { languages } from './language.ts';

const now = Date.parse('2026-11-24T08:00:00+08:00');
const texts = Object.entries(alertWords).flatMap(([code, { said, fields }]) =>
  languages.flatMap((language) =>
    (['text', 'next'] as const).map((part) => ({
      name: `${code} ${language} ${part}`,
      language,
      template: said[language][part],
      fields,
    })),
  ),
);

test('every sentence ends like one, in the letters of its language, with fields that it has', () => {
  const wrong = texts.filter(
    ({ language, template, fields }) =>
      !/[.。]$/.test(template) ||
      /\p{Script=Han}/u.test(template) !== (language === 'zh-CN') ||
      placeholders(template).some((field) => !Object.hasOwn(fields, field)),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('no sentence has a hole when nothing is known of what it speaks of', () => {
  const holes = Object.keys(alertWords).flatMap((code) =>
    languages
      .map((language) => sayAlert(code, { language, now }))
      .filter(({ text, next }) => /[{}[\]|…]|undefined| {2}| [.,:;]/.test(text + next)),
  );
  expect(holes).toEqual([]);
});

test('the figures of an alert stand in its sentence', () => {
  const fields = { name: '南通', count: 210, most: 1200 };
  expect(languages.map((language) => sayAlert('site-dark', { language, now }, fields).text)).toEqual([
    '南通有人工作的座位中 210/1,200 个失联。',
    'At 南通 210 of 1,200 seats where somebody works say nothing.',
  ]);
});

test('an alert of a newer hub is said by its code', () => {
  expect(sayAlert('toString', { language: 'en', now })).toEqual({ text: 'toString', next: '' });
});
