export * from './alertWords.ts';
export * from './catalogue.ts';
export * from './consoleWords.ts';
export type { Entry, Said } from './entry.ts';
export { fill, type FieldKind, type FieldKinds, type FieldValues, type Reader } from './fill.ts';
export * from './formats.ts';
export * from './language.ts';
export * from './pageWords.ts';
