/**
 * An image as a pool came to know it: every new id under the name that its specification has is a revision, counted by pool.
 * `frozen`: its desktops did not become ready, again and again, while an earlier one's do; nothing is made from it until
 * the specification changes or an operator says so.
 */
export interface ImageRevision {
  /** Glance's id. */
  readonly image: string;
  readonly revision: number;
  /** Epoch ms. */
  readonly seenAt: number;
  /** When a desktop of it was first proved ready. */
  readonly provedAt: number | undefined;
  readonly frozen: Frozen | undefined;
}

export interface Frozen {
  readonly at: number;
  /** Of the pool's specification; another one is a new try. */
  readonly specRevision: number;
  /** What the last of them died of. */
  readonly text: string;
}

/** What is learnt of an image. */
export type ImageNews =
  { kind: 'seen' } | { kind: 'proved' } | { kind: 'frozen'; specRevision: number; text: string };

/**
 * What new desktops are made from: what the name stands for now; while that is frozen, the newest that was proved.
 *
 * @param current what the name stands for now; undefined while that is not known
 */
export function imageToUse(
  current: string | undefined,
  revisions: readonly ImageRevision[],
  specRevision: number,
): string | undefined {
  if (current === undefined) return undefined;
  const frozen = revisions.some((one) => one.image === current && isFrozen(one, specRevision));
  return frozen ? (provedBefore(current, revisions, specRevision)?.image ?? current) : current;
}

/** Whether freezing this one leaves the pool another to go on with; else it is the pool that waits. */
export const mayFreeze = (
  image: string,
  revisions: readonly ImageRevision[],
  specRevision: number,
): boolean =>
  revisions.some((one) => one.image === image && one.provedAt === undefined) &&
  provedBefore(image, revisions, specRevision) !== undefined;

export const isFrozen = ({ frozen }: ImageRevision, specRevision: number): boolean =>
  frozen?.specRevision === specRevision;

function provedBefore(
  image: string,
  revisions: readonly ImageRevision[],
  specRevision: number,
): ImageRevision | undefined {
  return revisions
    .filter((one) => one.image !== image && one.provedAt !== undefined && !isFrozen(one, specRevision))
    .sort((a, b) => b.revision - a.revision)[0];
}
