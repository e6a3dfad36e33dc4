import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isFault } from './faults.ts';
import {
  compareVersions,
  readReleaseFile,
  readReleaseKeys,
  trustedManifest,
  unpackPayload,
  writeReleaseFile,
} from './release.ts';

const ours = generateKeyPairSync('ed25519');
const theirs = generateKeyPairSync('ed25519');
const files = new Map([
  ['page/index.html', Buffer.from('<p>')],
  ['main.js', Buffer.from('process.exit(0)\n')],
]);
const about = { product: 'anyseat-agent', version: '1.2.3', arch: 'all', node: 24 } as const;
const made = writeReleaseFile(files, about, ours.privateKey);

const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return isFault(error) ? error.code : String(error);
  }
  return 'nothing was wrong';
};

test('what was packed is unpacked, and the same files make the same bytes', () => {
  const { manifest, payload, ...signed } = readReleaseFile(made);
  expect(trustedManifest(signed, [theirs.publicKey, ours.publicKey])).toEqual(manifest);
  expect(manifest).toMatchObject(about);
  expect(unpackPayload(payload, manifest).files).toEqual(files);
  expect(writeReleaseFile(new Map([...files].toReversed()), about, ours.privateKey).equals(made)).toBe(true);
});

test('a release that somebody else has signed is not trusted, nor one whose manifest was changed', () => {
  const { text, signature } = readReleaseFile(made);
  const newer = text.replace('1.2.3', '9.2.3');
  expect(newer).not.toBe(text);
  expect([
    codeOf(() => trustedManifest({ text, signature }, [theirs.publicKey])),
    codeOf(() => trustedManifest({ text, signature }, [])),
    codeOf(() => trustedManifest({ text: newer, signature }, [ours.publicKey])),
    codeOf(() => trustedManifest({ text, signature: '' }, [ours.publicKey])),
  ]).toEqual(Array(4).fill('release-untrusted'));
});

describe('a file that is not whole', () => {
  const changed = (at: number) => {
    const copy = Buffer.from(made);
    copy[at]! ^= 1;
    return copy;
  };
  test.each([
    ['nothing', Buffer.alloc(0), 'release-unreadable'],
    ['something else', Buffer.from('PK\u0003\u0004'.repeat(9000)), 'release-unreadable'],
    ['its last byte is missing', made.subarray(0, -1), 'release-damaged'],
    ['more behind it', Buffer.concat([made, Buffer.from('x')]), 'release-damaged'],
    ['a bit of its payload turned', changed(made.length - 9), 'release-damaged'],
  ])('%s', (_what, file, code) => {
    expect(codeOf(() => readReleaseFile(file))).toBe(code);
  });
});

test('no file of a release can lie outside of its folder', () => {
  for (const path of ['../evil', '/etc/passwd', 'a/../../b', '.hidden', 'a//b', ''])
    expect(() => writeReleaseFile(new Map([[path, Buffer.from('x')]]), about, ours.privateKey)).toThrow();
});

test('keys of another kind are refused', () => {
  const pem = (key: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer }) =>
    String(key.export({ type: 'spki', format: 'pem' }));
  expect(readReleaseKeys([pem(ours.publicKey)])).toHaveLength(1);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  expect([codeOf(() => readReleaseKeys([pem(rsa)])), codeOf(() => readReleaseKeys(['?']))]).toEqual(
    Array(2).fill('release-key-unreadable'),
  );
});

test('versions are ordered by their numbers, and one with a dash comes before the one without', () => {
  const sorted = ['0.9.9', '0.10.0-rc.1', '0.10.0', '0.10.1', '1.0.0-a', '1.0.0'];
  expect(sorted.toReversed().sort(compareVersions)).toEqual(sorted);
});
