import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

const never = new AbortController().signal;

/** The names of those whose turn it is, as they come. */
function queue(turns: Turns) {
  const in_: string[] = [];
  const ask = (name: string, signal = never) => turns.take(signal).then(() => void in_.push(name));
  return { in_, ask };
}

test('turns are given to so many at a time, in the order of their asking', async () => {
  const turns = new Turns(2);
  const { in_, ask } = queue(turns);
  const all = ['a', 'b', 'c', 'd'].map((name) => ask(name));
  await Promise.all(all.slice(0, 2));
  expect(in_).toEqual(['a', 'b']);
  turns.give();
  await all[2];
  turns.give();
  await all[3];
  expect(in_).toEqual(['a', 'b', 'c', 'd']);
});

test('whoever gives up while waiting takes no turn', async () => {
  const turns = new Turns(1);
  const { in_, ask } = queue(turns);
  await ask('a');
  const gone = new AbortController();
  const b = ask('b', gone.signal).catch((error: Error) => in_.push(error.message));
  const c = ask('c');
  gone.abort(new Error('gone'));
  await b;
  turns.give();
  await c;
  turns.give();
  await ask('d');
  expect(in_).toEqual(['a', 'gone', 'c', 'd']);
});
