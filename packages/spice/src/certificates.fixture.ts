import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Certificates for one test file: an authority, another one, and a server for 127.0.0.1, in files and as PEM. */
export interface TestCertificates extends Disposable {
  /** Holds ca-cert.pem, server-cert.pem, server-key.pem, as QEMU's `x509-dir` wants them. */
  directory: string;
  ca: string;
  otherCa: string;
  cert: string;
  key: string;
  subject: string;
}

/** `undefined` where there is no `openssl`. */
export function makeCertificates(): TestCertificates | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'anyseat-spice-pki-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: directory, stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const newAuthority = (name: string) =>
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}-key.pem`,
      '-out',
      `${name}-cert.pem`,
    );
  try {
    newAuthority('ca');
    newAuthority('other');
    openssl(
      'req',
      ...newKey,
      '-subj',
      '/C=CN/O=Calls, Inc./CN=host-3',
      '-keyout',
      'server-key.pem',
      '-out',
      'server.csr',
    );
    writeFileSync(join(directory, 'san'), 'subjectAltName=IP:127.0.0.1\n');
    openssl(
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'ca-cert.pem',
      '-CAkey',
      'ca-key.pem',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      'san',
      '-out',
      'server-cert.pem',
    );
  } catch (error) {
    rmSync(directory, { recursive: true });
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  return {
    directory,
    ca: read('ca-cert.pem'),
    otherCa: read('other-cert.pem'),
    cert: read('server-cert.pem'),
    key: read('server-key.pem'),
    subject: 'C=CN,O=Calls\\, Inc.,CN=host-3',
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
