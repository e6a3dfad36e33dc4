import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { Fault } from './faults.ts';

/**
 * A release of a program, in one file that is signed:
 *
 *     the manifest, one line of JSON
 *     its signature (Ed25519, over `anyseat release\n` and that line), one line of base64
 *     the payload: gzip of the list of files (one line of JSON) and the files themselves, one after the other
 *
 * The manifest has the hash of the payload, and of the list; the list has the hash of each file. So what was fetched can be
 * checked before it is unpacked, and what was unpacked before each start. Nothing in it depends on when or where it was
 * made.
 */
export const releaseManifest = z.object({
  format: z.literal(1),
  product: z.string().min(1).max(64),
  version: z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}(-[0-9a-z.]{1,24})?$/, 'a version such as 1.2.3'),
  /** As Debian calls it; `all` where nothing in it is of one architecture. */
  arch: z.enum(['all', 'amd64', 'arm64']),
  /** Major version of the Node.js that it is made for. */
  node: z.int().positive(),
  /** Of the payload, and of all files together when it is unpacked. */
  bytes: z
    .int()
    .positive()
    .max(64 * 1024 * 1024),
  unpackedBytes: z
    .int()
    .positive()
    .max(256 * 1024 * 1024),
  /** Of the payload, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the list of files, hex. */
  files: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ReleaseManifest = z.output<typeof releaseManifest>;

const listedFile = z.object({
  path: z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/),
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const fileList = z.array(listedFile).min(1).max(5000);
export type ListedFile = z.output<typeof listedFile>;

/** A release as it travels without its payload. */
export interface SignedManifest {
  /** The line, as it was signed. */
  text: string;
  /** Base64. */
  signature: string;
}

export interface ReleaseFile extends SignedManifest {
  manifest: ReleaseManifest;
  payload: Buffer;
}

/** The two lines in front of the payload are no longer than this. */
const MOST_HEAD_BYTES = 4096;

const bad = (code: string, text: string, cause?: unknown): Fault =>
  new Fault(code, 'refused', text, cause === undefined ? {} : { cause });

export const sha256Of = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

/** Public keys as the contents of PEM files. @throws Fault `release-key-unreadable` */
export function readReleaseKeys(pems: readonly string[]): KeyObject[] {
  return pems.map((pem) => {
    let key: KeyObject | undefined;
    try {
      key = createPublicKey(pem);
    } catch (cause) {
      throw bad('release-key-unreadable', 'a release key is no public key in PEM', cause);
    }
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw bad('release-key-unreadable', 'a release key is no Ed25519 key');
  });
}

const signedBytes = (text: string): Buffer => Buffer.from(`anyseat release\n${text}`);

/** Reads a manifest of which one of `keys` must have signed exactly this text. @throws Fault `release-untrusted`, `release-unreadable` */
export function trustedManifest(
  { text, signature }: SignedManifest,
  keys: readonly KeyObject[],
): ReleaseManifest {
  const bytes = Buffer.from(signature, 'base64');
  if (!keys.some((key) => verify(null, signedBytes(text), key, bytes)))
    throw bad('release-untrusted', 'no key that is trusted here has signed this release');
  return readManifest(text);
}

/** Without asking who signed it. @throws Fault `release-unreadable` */
export function readManifest(text: string): ReleaseManifest {
  try {
    return releaseManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw bad(
      'release-unreadable',
      'the manifest of this release cannot be read; a newer program may be needed',
      cause,
    );
  }
}

/** Takes a release file apart. Its signature is not looked at. @throws Fault `release-unreadable`, `release-damaged` */
export function readReleaseFile(file: Buffer): ReleaseFile {
  const head = file.subarray(0, MOST_HEAD_BYTES);
  const first = head.indexOf('\n');
  const second = first < 0 ? -1 : head.indexOf('\n', first + 1);
  if (second < 0 || head[0] !== 0x7b) throw bad('release-unreadable', 'this is no release file');
  const text = head.toString('utf8', 0, first);
  const signature = head.toString('latin1', first + 1, second);
  const manifest = readManifest(text);
  const payload = file.subarray(second + 1);
  checkPayload(payload, manifest);
  return { text, signature, manifest, payload };
}

/** @throws Fault `release-damaged` */
export function checkPayload(payload: Buffer, { bytes, sha256 }: ReleaseManifest): void {
  if (payload.length !== bytes)
    throw bad('release-damaged', `the release has ${payload.length} bytes where its manifest says ${bytes}`);
  if (sha256Of(payload) !== sha256)
    throw bad('release-damaged', 'the bytes of the release are not those that were signed');
}

/** Makes a release file of these files. The same files, manifest and key give the same bytes. */
export function writeReleaseFile(
  files: ReadonlyMap<string, Buffer>,
  about: Pick<ReleaseManifest, 'product' | 'version' | 'arch' | 'node'>,
  privateKey: KeyObject,
): Buffer {
  const paths = [...files.keys()].sort();
  const list = paths.map((path): ListedFile => {
    const data = files.get(path)!;
    return { path, bytes: data.length, sha256: sha256Of(data) };
  });
  const listText = JSON.stringify(fileList.parse(list));
  const body = Buffer.concat([Buffer.from(`${listText}\n`), ...paths.map((path) => files.get(path)!)]);
  const payload = gzipSync(body, { level: 9 });
  // RFC 1952 2.3: the byte that names the system it was made on.
  payload[9] = 0xff;
  const { product, version, arch, node } = about;
  const manifest = releaseManifest.parse({
    format: 1,
    product,
    version,
    arch,
    node,
    bytes: payload.length,
    unpackedBytes: body.length,
    sha256: sha256Of(payload),
    files: sha256Of(listText),
  });
  const text = JSON.stringify(manifest);
  const signature = sign(null, signedBytes(text), privateKey).toString('base64');
  return Buffer.concat([Buffer.from(`${text}\n${signature}\n`), payload]);
}

/** The list as it stands in the payload, and the files. @throws Fault `release-damaged` */
export function unpackPayload(
  payload: Buffer,
  manifest: ReleaseManifest,
): { listText: string; files: ReadonlyMap<string, Buffer> } {
  checkPayload(payload, manifest);
  let body: Buffer;
  try {
    body = gunzipSync(payload, { maxOutputLength: manifest.unpackedBytes });
  } catch (cause) {
    throw bad('release-damaged', 'the release cannot be unpacked', cause);
  }
  const end = body.indexOf('\n');
  const listText = body.toString('utf8', 0, Math.max(end, 0));
  const files = new Map<string, Buffer>();
  let at = end + 1;
  for (const { path, bytes } of readFileList(listText, manifest)) {
    files.set(path, body.subarray(at, at + bytes));
    at += bytes;
  }
  if (at !== body.length)
    throw bad('release-damaged', 'the files of the release are not as long as its list says');
  return { listText, files };
}

/** @throws Fault `release-damaged` when the list is not the one that was signed */
export function readFileList(listText: string, manifest: ReleaseManifest): ListedFile[] {
  if (sha256Of(listText) !== manifest.files)
    throw bad('release-damaged', 'the list of files is not the one that was signed');
  const read = fileList.safeParse(JSON.parse(listText));
  if (!read.success) throw bad('release-damaged', 'the list of files cannot be read', read.error);
  return read.data;
}

/** Which of two versions is newer: below 0, 0, above 0. What comes after a dash is older than the same without one. */
export function compareVersions(a: string, b: string): number {
  const [plainA, restA] = split(a);
  const [plainB, restB] = split(b);
  const numbers = (plain: string) => plain.split('.').map(Number);
  const [left, right] = [numbers(plainA), numbers(plainB)];
  for (let i = 0; i < 3; i++) {
    const less = (left[i] ?? 0) - (right[i] ?? 0);
    if (less !== 0) return less;
  }
  if (restA === restB) return 0;
  if (restA === undefined) return 1;
  if (restB === undefined) return -1;
  return restA < restB ? -1 : 1;
}

const split = (version: string): [string, string | undefined] => {
  const dash = version.indexOf('-');
  return dash < 0 ? [version, undefined] : [version.slice(0, dash), version.slice(dash + 1)];
};
