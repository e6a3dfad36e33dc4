/** The languages that every sentence has. BCP 47, as `<html lang>` and Intl take them. */
export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

/** Something said in every language. */
export type InEach<T> = Readonly<Record<Language, T>>;

/** Each language in its own name, for a switch. */
export const languageNames: InEach<string> = { 'zh-CN': '中文', en: 'English' };
