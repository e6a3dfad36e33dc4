import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  caFile: string;
  certFile: string;
  keyFile: string;
}

/** A private authority and one server certificate of it (P-256, for `localhost` and 127.0.0.1), by openssl, in a folder. */
export function makeCertificates(folder: string, commonName = 'localhost'): Certificates {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    file('ca.key'),
    '-out',
    file('ca.pem'),
    '-days',
    '30',
    '-subj',
    `/CN=${commonName} test CA`,
  );
  openssl(
    'req',
    ...newKey,
    '-keyout',
    file('server.key'),
    '-out',
    file('server.csr'),
    '-subj',
    `/CN=${commonName}`,
  );
  writeFileSync(file('server.ext'), `subjectAltName=DNS:${commonName},DNS:localhost,IP:127.0.0.1\n`);
  openssl('x509', '-req', '-in', file('server.csr'), '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial',
    '-out', file('server.pem'), '-days', '30', '-extfile', file('server.ext')); // prettier-ignore
  return { caFile: file('ca.pem'), certFile: file('server.pem'), keyFile: file('server.key') };
}
