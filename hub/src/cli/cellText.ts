import stringWidth from 'string-width';

/** Columns of the terminal that a text takes: two for a Chinese character, none for a combining mark. */
export const widthOf = (text: string): number => stringWidth(text);

/** Control characters (C0, DEL, C1), line and paragraph separators, and marks that turn the direction of writing. */
const UNSHOWABLE = /[\p{Cc}\u{61C}\u{200E}\u{200F}\u{2028}-\u{202E}\u{2066}-\u{2069}]/gu;

/**
 * What somebody else wrote (a thin client its name, a cloud its error), safe to show: no escape sequence of it reaches
 * the terminal, and it stays on its line.
 */
export const shown = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').trim().replaceAll(UNSHOWABLE, '\u{FFFD}');

/** The same for a text of several lines, which stay. */
export const shownLines = (text: string): string => text.split('\n').map(shownKeepingIndent).join('\n');

const shownKeepingIndent = (line: string): string => line.replaceAll(UNSHOWABLE, '\u{FFFD}').trimEnd();

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** At most `width` columns of a text; what was cut leaves an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const room = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'left' ? text + room : room + text;
}

/** What has wide characters in it may be broken between any two of them. */
const WIDE =
  /[\u{1100}-\u{11FF}\u{2E80}-\u{A4CF}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE4F}\u{FF00}-\u{FF60}]/u;

/**
 * A text in lines of at most `width` columns, broken at spaces; Chinese at any character, and so is a word that is
 * longer than a line.
 */
export function wrap(text: string, width: number): string[] {
  if (widthOf(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (widthOf(joined) <= width) {
      line = joined;
      continue;
    }
    const moves = line !== '' && widthOf(word) <= width && !WIDE.test(word);
    if (moves) lines.push(line);
    const pieces = broken(moves ? word : joined, width);
    lines.push(...pieces.slice(0, -1));
    line = pieces.at(-1)!;
  }
  return [...lines, line];
}

function broken(text: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const { segment } of graphemes.segment(text)) {
    if (piece !== '' && widthOf(piece) + widthOf(segment) > width) {
      pieces.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...pieces, piece];
}
