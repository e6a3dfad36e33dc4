import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@anyseat/base';
import { openScreen, screenMissing } from '../../agent/src/node/viewer/screen.fixture.ts';
import { ChildProgram } from './parts/childProgram.ts';
import { rowOf, type Benchmark } from './parts/row.ts';
import { spreadOf } from './parts/spread.ts';
import { residentBytes, treeCpuMs } from './parts/usage.ts';

const ROUNDS = 3;
const PER_SECOND = 1000;
const FOR_MS = 8000;
const MOST_PERCENT = 5;

interface Seen {
  /** Of one core, while it counts. */
  percent: number;
  /** Of what was touched, what was counted. */
  counted: number;
  mb: number;
}

/** What counting costs a thin client while somebody throws a thousand events a second at it: XInput 2, against libuiohook. */
export const input: Benchmark = {
  name: 'input',
  about: 'CPU of counting 1,000 input events a second, XInput 2 against libuiohook in a child',
  missing: () =>
    screenMissing ??
    (process.arch === 'x64' && existsSync('/proc/self/stat')
      ? undefined
      : 'uiohook-napi is built for x86-64 only'),
  async run(say) {
    await using screen = await openScreen({ managed: false });
    const rounds: { xinput: Seen; uiohook: Seen }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const uiohook = await measure('uiohook', screen.display);
      const xinput = await measure('xinput', screen.display);
      rounds.push({ xinput, uiohook });
      say(
        `round ${round + 1}: ${xinput.percent.toFixed(1)} % of a core, of ${uiohook.percent.toFixed(1)} %; ` +
          `counted ${(xinput.counted * 100).toFixed(1)} % of ${(uiohook.counted * 100).toFixed(1)} %`,
      );
    }
    const row = rowOf(
      {
        name: `counting ${PER_SECOND} events a second`,
        unit: '% of a core',
        better: 'less',
        floorIs: 'libuiohook in a child',
        goal: { atMost: MOST_PERCENT },
      },
      rounds.map(({ xinput, uiohook }) => ({ measured: xinput.percent, floor: uiohook.percent })),
    );
    const of = (pick: 'xinput' | 'uiohook', what: keyof Seen) =>
      spreadOf(rounds.map((round) => round[pick][what])).median;
    return {
      rows: [row],
      notes: [
        `input: counted of what was touched: XInput 2 ${(of('xinput', 'counted') * 100).toFixed(1)} %, libuiohook ${(of('uiohook', 'counted') * 100).toFixed(1)} %`,
        `input: memory of a process that does nothing else: ${of('xinput', 'mb').toFixed(0)} MB; libuiohook's child comes on top of ${of('uiohook', 'mb').toFixed(0)} MB`,
      ],
    };
  },
};

async function measure(by: 'xinput' | 'uiohook', display: string): Promise<Seen> {
  const before = process.env['DISPLAY'];
  process.env['DISPLAY'] = display;
  await using counter = ChildProgram.start(join(import.meta.dirname, 'parts/inputProgram.ts'));
  await using person = ChildProgram.start(join(import.meta.dirname, 'parts/touchProgram.ts'));
  if (before === undefined) delete process.env['DISPLAY'];
  else process.env['DISPLAY'] = before;
  await counter.ask('count', by);
  // What is compiled when it first runs is not what counting costs.
  await person.ask('touch', { perSecond: PER_SECOND, forMs: 1000 });
  await systemClock.sleep(500);
  await counter.ask('read');
  const cpu = treeCpuMs(counter.pid);
  const from = systemClock.monotonic();
  const touched = await person.ask<number>('touch', { perSecond: PER_SECOND, forMs: FOR_MS });
  const tookMs = systemClock.monotonic() - from;
  const percent = ((treeCpuMs(counter.pid) - cpu) / tookMs) * 100;
  await systemClock.sleep(500);
  const { keys, moves } = await counter.ask<{ keys: number; moves: number }>('read');
  // A key that goes up again is an event to be carried, and nothing to be counted.
  return { percent, counted: (keys + moves) / (touched * 0.9), mb: residentBytes(counter.pid) / 2 ** 20 };
}
