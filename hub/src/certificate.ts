import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault, messageOf } from '@anyseat/base';

/** The hub's TLS identity, PEM, and the pin by which agents know it. */
export interface Certificate {
  cert: string;
  key: string;
  /** `sha256/BASE64` of the public key (SPKI): it survives a renewal with the same key. */
  pin: string;
}

const YEARS = 10;

/** @throws Fault `certificate-unreadable` (terminal) */
export function readCertificate(certFile: string, keyFile: string): Certificate {
  try {
    const cert = readFileSync(certFile, 'utf8');
    return { cert, key: readFileSync(keyFile, 'utf8'), pin: pinOf(cert) };
  } catch (error) {
    throw new Fault(
      'certificate-unreadable',
      'terminal',
      `the certificate ${certFile} or its key cannot be used: ${messageOf(error)}`,
    );
  }
}

/**
 * A certificate of the hub's own, made at the first start and kept (P-256, key 0600). Agents pin its key, so nobody has
 * to sign it and its names do not matter.
 */
export async function ownCertificate(
  folder: string,
  hostNames: readonly string[],
  now: number,
): Promise<Certificate> {
  const [certFile, keyFile] = [join(folder, 'hub.crt'), join(folder, 'hub.key')];
  if (!existsSync(certFile) || !existsSync(keyFile)) {
    const { generate } = await import('selfsigned');
    const made = await generate([{ name: 'commonName', value: hostNames[0] ?? 'anyseat-hub' }], {
      keyType: 'ec',
      curve: 'P-256',
      algorithm: 'sha256',
      notBeforeDate: new Date(now - 86_400_000),
      notAfterDate: new Date(now + YEARS * 365 * 86_400_000),
      extensions: [
        { name: 'subjectAltName', altNames: hostNames.map((value) => ({ type: 2 as const, value })) },
      ],
    });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeWhole(keyFile, made.private, 0o600);
    writeWhole(certFile, made.cert, 0o644);
  }
  return readCertificate(certFile, keyFile);
}

/** When the hub's certificate ends, and those of the authorities that its clouds' hosts are checked by; epoch ms. */
export function endsOf(
  own: Certificate | undefined,
  clouds: ReadonlyMap<string, { readonly spice: { readonly ca: string | undefined } }>,
): { name: string; endsAt: number }[] {
  const texts = [
    ['listen.tls', own?.cert] as const,
    ...[...clouds].map(([name, { spice }]) => [`clouds.${name}.spice.caFile`, spice.ca] as const),
  ];
  return texts.flatMap(([name, text]) =>
    text === undefined ? [] : [{ name, endsAt: Math.min(...certificatesIn(text).map(endOf)) }],
  );
}

/** One of several that cannot be read is left to whoever uses it to complain of. */
const certificatesIn = (text: string): X509Certificate[] =>
  (text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).flatMap((one) => {
    try {
      return [new X509Certificate(one)];
    } catch {
      return [];
    }
  });

const endOf = (certificate: X509Certificate): number => certificate.validToDate.getTime();

function pinOf(cert: string): string {
  const spki = createPublicKey(
    new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'pem' }),
  ).export({
    type: 'spki',
    format: 'der',
  });
  return `sha256/${createHash('sha256').update(spki).digest('base64')}`;
}

/** A file is there whole or not at all, also after a loss of power between the two lines. */
function writeWhole(file: string, text: string, mode: number): void {
  const half = `${file}.new`;
  writeFileSync(half, text, { mode, flush: true });
  renameSync(half, file);
}
