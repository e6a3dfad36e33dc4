import { MINUTE } from '@anyseat/base';

/**
 * What does not come right by itself, or takes longer than it should, for operators.
 *
 * - `delete-unfinished`: a server was to be removed and is there still.
 * - `not-listed`: listings leave a server out that the cloud has when asked for it.
 * - `start-fails`: a bound desktop cannot be switched on.
 * - `stray`: a server of ours that no desktop has.
 * - `leaked-port`: a port of a server that is gone.
 * - `binding-gone`: the server of a bound desktop is gone for good.
 * - `vanished`, `strays-many`: so many at once that nothing is done before an operator says so.
 */
export type ProblemKind =
  | 'delete-unfinished'
  | 'not-listed'
  | 'start-fails'
  | 'stray'
  | 'leaked-port'
  | 'binding-gone'
  | 'vanished'
  | 'strays-many';

export interface Problem {
  readonly kind: ProblemKind;
  readonly cloud: string;
  /** What it is about, as people call it. */
  readonly what: string;
  /** Epoch ms. */
  readonly since: number;
  /** How often something was done about it. */
  readonly tries: number;
  /** What is known: the cloud's words where it gave any. */
  readonly text: string;
}

interface ProblemRule {
  /** Sooner it is none: most of it is over by then. */
  readonly visibleAfterMs: number;
  /** What happens next, and what an operator can do. */
  readonly next: string;
}

export const problemRules: Readonly<Record<ProblemKind, ProblemRule>> = {
  'delete-unfinished': {
    visibleAfterMs: 3 * MINUTE,
    next: 'asked for again every minute; after ten it is reset in the cloud, where admin credentials allow it',
  },
  'not-listed': { visibleAfterMs: MINUTE, next: 'kept, and looked at again; only a 404 makes it gone' },
  'start-fails': { visibleAfterMs: 2 * MINUTE, next: 'asked for again every minute' },
  stray: { visibleAfterMs: 0, next: 'removed when it was seen for two minutes' },
  'leaked-port': { visibleAfterMs: 0, next: 'removed when it was seen twice' },
  'binding-gone': {
    visibleAfterMs: 0,
    next: 'its person is told so at each login. For another desktop: anyseat binding end DESKTOP, or whenGone: new in their allocator',
  },
  vanished: {
    visibleAfterMs: 0,
    next: 'nothing is held to be gone. If they are: anyseat problem accept vanished',
  },
  'strays-many': {
    visibleAfterMs: 0,
    next: 'none is removed. If they are of no use: anyseat problem accept strays-many',
  },
};

/** What an operator may say yes to. */
export type Acceptable = Extract<ProblemKind, 'vanished' | 'strays-many'>;
