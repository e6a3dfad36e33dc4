import type { StatusAnswer } from '@anyseat/protocol';
import { EXAMPLE_SEAT, PASSWORD, people } from './exampleSite.ts';
import type { Running } from './tryOut.ts';

/** What runs, where, and whom to log in as. */
export function welcome(running: Running, options: { shell: string; pictures: boolean }): string {
  const where =
    options.shell === 'none'
      ? `open it in any browser: ${running.page}`
      : `in its window on this display, and at ${running.page}`;
  return [
    '',
    'Anyseat runs on this machine.',
    '',
    `  Login page   ${where}`,
    `               the thin client at seat ${EXAMPLE_SEAT}`,
    `  Console      ${running.console}`,
    '               good once, for a day; another: npx anyseat console link. Or come in as xu.gang',
    `  Hub          ${running.hubUrl}`,
    `  Cloud        ${running.cloudUrl}  (minicloud, ${options.pictures ? 'each desktop a QEMU guest' : 'desktops without pictures'})`,
    `  Operators    npx anyseat status · npx anyseat get desktops · npx anyseat explain wang.fang --seat ${EXAMPLE_SEAT}`,
    `  Logs         var/log/`,
    '',
    `People to try; the password of each is  ${PASSWORD}`,
    ...people.map((person) => `  ${person.user.padEnd(16)}${pad(person.displayName, 16)}${person.about}`),
    '',
    'Ctrl-C stops everything; the next npm start goes on where this one ended (rm -r var to begin anew).',
    '',
  ].join('\n');
}

/** One line on how far the pools are; the same line again says nothing new. */
export function poolLine(status: StatusAnswer): string {
  const pools = status.pools.map((pool) => `${pool.name}: ${pool.words}`);
  return `Pools  ${pools.join(' · ')}`;
}

/** Padded by what a terminal shows: a Chinese character is two columns wide. */
function pad(text: string, columns: number): string {
  let width = 0;
  for (const character of text) width += /[\u2e80-\u9fff\uff00-\uff60]/.test(character) ? 2 : 1;
  return text + ' '.repeat(Math.max(1, columns - width));
}
