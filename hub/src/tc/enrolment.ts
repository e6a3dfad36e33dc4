import { hash, randomBytes } from 'node:crypto';

/** A one-time enrolment token (192 bits) that a technician types or an image carries once; the store keeps its hash. */
export const newToken = (): string => randomBytes(24).toString('base64url');

export const tokenHash = (token: string): string => hash('sha256', token.trim(), 'hex');
