import { openLog, systemClock } from '@anyseat/base';
import type { InputMeter } from '../../../agent/src/node/input/input.ts';
import { openInput } from '../../../agent/src/node/input/openInput.ts';
import { answerParent } from './childProgram.ts';

/** What counts on a thin client, and nothing else of the agent. */
let meter: InputMeter | undefined;

answerParent({
  /** Resolves when it counts. */
  count: async (by: 'xinput' | 'uiohook') => {
    const log = openLog({ name: 'input', level: 'warn' });
    meter = openInput(by, { environment: { ...process.env }, clock: systemClock, log })!.count();
    while (!meter.read()) await systemClock.sleep(20);
  },
  read: () => meter!.read(),
});
