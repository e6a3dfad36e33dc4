/**
 * The version of the frames between hub and agent. A hub serves its own and the one before, so that a site's thin
 * clients need not be updated in the same minute as the hub. A new field is no new version (unknown fields are dropped).
 */
export const PROTOCOL_VERSION = 1;
export const OLDEST_PROTOCOL = 1;

/** The path of the agents' WebSocket on the hub. */
export const TC_PATH = '/tc';

/** The largest frame either side takes, bytes. A grant with a CA certificate is the largest of ours, about 4 KB. */
export const MAX_FRAME_BYTES = 16 * 1024;
