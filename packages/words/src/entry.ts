import type { FieldKinds } from './fill.ts';
import type { InEach } from './language.ts';

/** What happened, in one sentence, and what the person can do next, in another. */
export interface Said {
  text: string;
  next: string;
}

/** One code of the catalogue: its fields and how it is said. */
export interface Entry<K extends FieldKinds = FieldKinds> {
  readonly fields: K;
  readonly said: InEach<Said>;
}

/** An entry without fields. The order is: English text, English next; Chinese text, Chinese next. */
export function plain(en: [text: string, next: string], zh: [text: string, next: string]): Entry<{}> {
  return withFields({}, en, zh);
}

/** An entry whose sentences have the fields of `fields` in them, in braces. */
export function withFields<const K extends FieldKinds>(
  fields: K,
  en: [text: string, next: string],
  zh: [text: string, next: string],
): Entry<K> {
  return {
    fields,
    said: { en: { text: en[0], next: en[1] }, 'zh-CN': { text: zh[0], next: zh[1] } },
  };
}
