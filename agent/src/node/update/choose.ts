import { compareVersions, messageOf } from '@anyseat/base';
import type { SlotName, Slots, UpdateState } from './slots.ts';

/** A release that does not prove itself in so many starts (the power went, or it ended by itself) is given up. */
export const MOST_STARTS = 3;

/** What is to be started: a slot, on trial or not, or the package's own release. `why` says what was wrong, for the log. */
export interface Choice {
  slot: SlotName | undefined;
  version: string;
  trial: boolean;
  why?: string;
}

/**
 * Decides what runs now, and writes down what was decided: at each start of a seat, and after a trial has failed. A disk that
 * cannot be written is no reason to stand still: then no trial is made.
 *
 * @param packaged version of the package's own release; one that is newer than what the slots have is what an administrator installed
 */
export function choose(slots: Slots, packaged: string): Choice {
  const state = slots.state;
  if (!state.trial) return settled(slots, state, packaged);
  const { slot, version, starts } = state.trial;
  if (starts >= MOST_STARTS)
    return rollBack(slots, packaged, `it did not prove itself in ${MOST_STARTS} starts`);
  try {
    slots.inSlot(slot);
    slots.write({ ...state, trial: { slot, version, starts: starts + 1 } });
    return { slot, version, trial: true };
  } catch (error) {
    return rollBack(slots, packaged, messageOf(error));
  }
}

/** The release on trial has failed: what ran before it runs again. */
export function rollBack(slots: Slots, packaged: string, text: string): Choice {
  const { trial, ...state } = slots.state;
  if (!trial) return settled(slots, state, packaged);
  const back: UpdateState = { ...state, last: { version: trial.version, state: 'rolledBack', text } };
  const why = `release ${trial.version} was taken back: ${text}`;
  try {
    slots.write(back);
  } catch (error) {
    return { ...settled(slots, back, packaged), why: `${why}; and ${messageOf(error)}` };
  }
  return { ...settled(slots, back, packaged), why };
}

/** The release on trial has proved itself. @throws an error of the file system */
export function keep(slots: Slots): void {
  const { trial } = slots.state;
  if (!trial) return;
  const { slot, version } = trial;
  slots.write({ current: slot, last: { version, state: 'installed', text: 'it runs' } });
}

function settled(slots: Slots, { current }: UpdateState, packaged: string): Choice {
  const own: Choice = { slot: undefined, version: packaged, trial: false };
  if (current === undefined) return own;
  try {
    const { version } = slots.inSlot(current);
    if (compareVersions(version, packaged) < 0) return own;
    return { slot: current, version, trial: false };
  } catch (error) {
    return { ...own, why: messageOf(error) };
  }
}
