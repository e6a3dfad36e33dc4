/** One fenced block of a text that people follow: a command or a file, and what its first line says about it. */
export interface Block {
  /** Of the fence, from 1. */
  line: number;
  /** The nearest above. */
  heading: string;
  /** `sh`, `yaml`, …; empty where none is named. */
  language: string;
  /** The first line without its `# `; empty where the block has no such line. */
  says: string;
  text: string;
}

/** Every fenced block of a Markdown text, in its order. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = '';
  let open: Block | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    if (open && line === '```') {
      open.says = /^# (.+)/.exec(open.text)?.[1] ?? '';
      blocks.push(open);
      open = undefined;
    } else if (open) open.text += `${line}\n`;
    else if (line.startsWith('```'))
      open = { line: index + 1, heading, language: line.slice(3), says: '', text: '' };
    else heading = /^#+ (.+)/.exec(line)?.[1] ?? heading;
  }
  if (open) throw new Error(`the block of line ${open.line} has no end`);
  return blocks;
}

/** Puts the second of each pair in the place of the first. */
export const replaced = (text: string, pairs: readonly (readonly [string, string])[]): string =>
  pairs.reduce((now, [from, to]) => now.replaceAll(from, to), text);
