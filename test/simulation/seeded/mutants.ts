/** One change to the text of one file of ours: exactly this text, which must stand there once. */
export interface Patch {
  file: string;
  find: string;
  put: string;
}

export interface Mutant {
  /** What the code forgets. */
  what: string;
  patches: readonly Patch[];
}

/**
 * The hub, broken on purpose: the text of a file is changed as it is loaded, so that nothing of this stands in the hub.
 * Each must be caught, or the simulation proves nothing. A text that is not found any more fails: whoever changed it
 * breaks it anew, here.
 */
export const mutants: Readonly<Record<string, Mutant>> = {
  'claims-without-condition': {
    what: 'a claim takes the desktop that was ready first, whoever has it by now',
    patches: [
      {
        file: 'hub/src/store/sqlite/claims.ts',
        find: "const OLDEST_READY = `\n  SELECT id FROM desktops WHERE pool = +? AND state = 'ready'",
        put: "const OLDEST_READY = `\n  SELECT id FROM desktops WHERE pool = +? AND ready_at IS NOT NULL AND state <> 'gone'",
      },
      {
        file: 'hub/src/store/sqlite/claims.ts',
        find: "WHERE id = ? AND state = 'ready'",
        put: 'WHERE id = ?',
      },
    ],
  },
  'forgets-unsure': {
    what: 'an order whose answer was lost counts as refused, and is given again',
    patches: [
      {
        file: 'hub/src/reconcile/perform.ts',
        find: "if (fault.code === 'cloud-unsure') {",
        put: "if (fault.code === 'never') {",
      },
    ],
  },
  'sweeps-on-one-sighting': {
    what: 'a stray is removed as soon as it is seen',
    patches: [
      {
        file: 'hub/src/reconcile/strays.ts',
        find: 'const SEEN_TWICE_AFTER = 2 * MINUTE;',
        put: 'const SEEN_TWICE_AFTER = 0 * MINUTE;',
      },
    ],
  },
  'counts-error-as-ready': {
    what: 'a desktop that broke counts towards the floor',
    patches: [
      {
        file: 'hub/src/domain/pool/world.ts',
        find: "inState({ desktops }, 'wanted', 'creating', 'unsure', 'building', 'booting').length",
        put: "inState({ desktops }, 'broken', 'wanted', 'creating', 'unsure', 'building', 'booting').length",
      },
    ],
  },
  'ignores-the-budget': {
    what: 'everything that is wanted is ordered at once',
    patches: [
      {
        file: 'hub/src/domain/pool/boot.ts',
        find: 'if (room(whom) <= 0 || boot.unplaced - starting <= unplaced || unplaced >= CREATES_A_ROUND) return [];',
        put: 'if (starting < 0) return [];',
      },
    ],
  },
  'swaps-without-fence': {
    what: 'a broken desktop that is taken from its person is ready for the next',
    patches: [
      {
        file: 'hub/src/store/sqlite/swaps.ts',
        find: "state: 'quarantined',\n      stateSince: now,\n      session: undefined,\n      endpoint: undefined,",
        put: "state: 'ready',\n      stateSince: now,\n      session: undefined,",
      },
    ],
  },
  'plans-nothing': {
    what: 'pools are looked at, and nothing is done',
    patches: [
      {
        file: 'hub/src/domain/pool/planPool.ts',
        find: 'for (const phase of phases) {',
        put: 'for (const phase of phases.slice(phases.length)) {',
      },
    ],
  },
};
