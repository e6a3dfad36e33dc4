/** Why the hub closes an agent's socket (RFC 6455 leaves 4000–4999 to us). */
export const CloseCode = {
  /** A frame of a known type did not fit its schema, or was no JSON. */
  badFrame: 4400,
  /** The key's signature was wrong, or the thin client is retired. */
  notAuthenticated: 4401,
  /** Nothing was said in time after the challenge. */
  helloTimeout: 4408,
  /** The same key connected again; the newer connection is served. */
  replaced: 4409,
  /** More frames than the limit. */
  tooMany: 4429,
  /** The agent speaks a version that this hub does not. */
  version: 4426,
  /** The hub stops; come back after `retryAfterMs`, with jitter. */
  goingAway: 1001,
  /** A frame larger than MAX_FRAME_BYTES (RFC 6455). */
  tooBig: 1009,
} as const;

/** The reason text of a close frame that says when to come back (123 bytes at most, RFC 6455 5.5). */
export const closeReason = (retryAfterMs: number): string => `retryAfterMs=${Math.round(retryAfterMs)}`;

/** What `closeReason` wrote; undefined for any other text. */
export function retryAfterOf(reason: string): number | undefined {
  const digits = /^retryAfterMs=(\d{1,9})$/.exec(reason)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
