import { DAY } from '@anyseat/base';
import type { InventoryReport } from '@anyseat/protocol';

/** What a thin client is made of and what is plugged into it, as it says itself. */
export type Inventory = Omit<InventoryReport, 'type' | 'epoch'>;

/** A headset, or another thing to hear by, that was there and is not. */
export interface Missing {
  name: string;
  /** Epoch ms. */
  since: number;
}

/** The last inventory of a TC. */
export interface KnownInventory {
  inventory: Inventory;
  /** When it was seen first like this, epoch ms. */
  at: number;
  missing: readonly Missing[];
}

/** Whoever has worked without it for so long has another way to hear. */
const FORGOTTEN_AFTER = 7 * DAY;

/** What an inventory came to beside the one before. */
export interface InventoryNews {
  known: KnownInventory;
  /** Names of what is missing since now, and of what is there again. */
  lost: string[];
  back: string[];
}

/**
 * What is missing now. Of things to hear by alone: a keyboard that is gone is told by its person. One that comes in
 * place of another is no loss: so many are missing as there are fewer than before.
 */
export function takeInventory(before: KnownInventory | undefined, now: Inventory, at: number): InventoryNews {
  const here = headsetsOf(now);
  const were = before ? headsetsOf(before.inventory) : [];
  const lost = without(were, here);
  const fresh = without(here, were);
  const still: Missing[] = [];
  const back: string[] = [];
  for (const one of before?.missing ?? []) {
    const found = fresh.indexOf(one.name);
    if (found >= 0) {
      back.push(one.name);
      fresh.splice(found, 1);
    } else if (at - one.since < FORGOTTEN_AFTER) still.push(one);
  }
  // Another one in its place: of what has been missing for longest first.
  const missing = [...still, ...lost.map((name) => ({ name, since: at }))].slice(fresh.length);
  const missed = missing.filter(({ since, name }) => since === at && lost.includes(name));
  return { known: { inventory: now, at, missing }, lost: missed.map(({ name }) => name), back };
}

const headsetsOf = ({ usb }: Inventory): string[] =>
  usb.filter((one) => one.kind === 'audio').map((one) => one.name);

/** Each of the second takes away one of the first that is like it. */
function without(all: readonly string[], taken: readonly string[]): string[] {
  const left = [...all];
  for (const name of taken) {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}
