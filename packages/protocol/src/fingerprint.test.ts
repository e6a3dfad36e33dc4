import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { fingerprintOf, readFingerprint } from './fingerprint.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();

test('a fingerprint is the first 80 bits of the digest in four groups of base 32', () => {
  // SHA-256 of "abc" begins ba7816bf8f01cfea4141 (FIPS 180-4, example B.1).
  expect(fingerprintOf(sha256('abc'))).toBe('Q9W1-DFWF-077Y-MGA1');
  expect(fingerprintOf(new Uint8Array(32))).toBe('0000-0000-0000-0000');
  expect(fingerprintOf(new Uint8Array(32).fill(255))).toBe('ZZZZ-ZZZZ-ZZZZ-ZZZZ');
});

test('only a whole digest is taken', () => {
  expect(() => fingerprintOf(new Uint8Array(31))).toThrow(RangeError);
});

test.each([
  ['K7F2-9QWM-3XTD-0V8N', 'K7F2-9QWM-3XTD-0V8N'],
  ['k7f29qwm3xtd0v8n', 'K7F2-9QWM-3XTD-0V8N'],
  [' k7f2 9qwm 3xtd ov8n\n', 'K7F2-9QWM-3XTD-0V8N'],
  ['iL00-0000-0000-0000', '1100-0000-0000-0000'],
  ['K7F2-9QWM-3XTD-0V8', undefined],
  ['K7F2-9QWM-3XTD-0V8U', undefined],
  ['', undefined],
])('typed as %j it is %j', (typed, read) => {
  expect(readFingerprint(typed)).toBe(read);
});
