/**
 * The certificate check that `remote-viewer` makes with `host-subject`: the whole subject, entry by entry and in order,
 * stands in for the host's name. Source: spice-common `ssl_verify.c` and OpenSSL's X509_NAME_cmp (which does not mind
 * letter case or how many spaces).
 */

type Entry = readonly [key: string, value: string];

/** X509_NAME takes long names as well; Node prints the short ones. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  commonName: 'CN',
  countryName: 'C',
  localityName: 'L',
  stateOrProvinceName: 'ST',
  organizationName: 'O',
  organizationalUnitName: 'OU',
};

/** `wanted` as a .vv file says it; `subject` as X509Certificate.subject prints it, one entry a line. */
export function subjectMatches(wanted: string, subject: string): boolean {
  const want = parseHostSubject(wanted);
  const have = parseCertificateSubject(subject);
  return (
    want !== undefined &&
    want.length > 0 &&
    want.length === have.length &&
    want.every(([key, value], i) => key === have[i]![0] && canonical(value) === canonical(have[i]![1]))
  );
}

/** `key=value,key=value`; `\,` and `\\` stand for themselves; blanks before a key do not count. `undefined`: malformed. */
function parseHostSubject(text: string): Entry[] | undefined {
  const pieces = [''];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === ',') {
      pieces.push('');
      continue;
    }
    const char = text[i] === '\\' ? text[++i] : text[i];
    if (text[i - 1] === '\\' && char !== '\\' && char !== ',') return undefined;
    pieces[pieces.length - 1] += char!;
  }
  if (pieces.at(-1)!.trim() === '') pieces.pop();
  const entries = pieces.map((piece) => parseEntry(piece.replace(/^ +/, '')));
  return entries.every((entry) => entry !== undefined) ? entries : undefined;
}

function parseEntry(piece: string): Entry | undefined {
  const equals = piece.indexOf('=');
  if (equals < 1 || equals === piece.length - 1) return undefined;
  const key = piece.slice(0, equals);
  return [SHORT_NAMES[key] ?? key, piece.slice(equals + 1)];
}

/** Node escapes as RFC 2253 does, and control characters as `\0A`; a line that holds several entries joins them by ` + `. */
function parseCertificateSubject(text: string): Entry[] {
  return text
    .split('\n')
    .flatMap((line) => line.split(' + '))
    .filter((entry) => entry !== '')
    .map((entry) => {
      const equals = entry.indexOf('=');
      const value = entry
        .slice(equals + 1)
        .replace(/\\([0-9A-F]{2})|\\(.)/g, (_, hex?: string, char?: string) =>
          hex ? String.fromCharCode(parseInt(hex, 16)) : char!,
        );
      return [entry.slice(0, equals), value];
    });
}

function canonical(value: string): string {
  return value
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
