import { expect, test } from 'vitest';
import { subjectMatches } from './certificateSubject.ts';

const SUBJECT = 'C=CN\nO=Calls\\, Inc.\nCN=host-3';

test.each([
  ['the whole subject in order', 'C=CN,O=Calls\\, Inc.,CN=host-3', SUBJECT, true],
  ['blanks before a key', 'C=CN,   O=Calls\\, Inc., CN=host-3', SUBJECT, true],
  ['other letter case and more blanks in a value', 'C=cn,O=calls\\,   inc.,CN=HOST-3', SUBJECT, true],
  ['a long name for a key', 'countryName=CN,organizationName=Calls\\, Inc.,commonName=host-3', SUBJECT, true],
  ['a comma at the end', 'CN=host-3,', 'CN=host-3', true],
  ['entries of one set', 'OU=a,OU=b', 'OU=a + OU=b', true],
  ['letters beyond ASCII', 'CN=桌面', 'CN=桌面', true],
  ['a plus sign in a value', 'CN=a + b', 'CN=a \\+ b', true],
  ['an escaped line feed in the certificate', 'CN=a', 'CN=a\\0ACN=b', false],
  ['only a part of the subject', 'CN=host-3', SUBJECT, false],
  ['another order', 'CN=host-3,O=Calls\\, Inc.,C=CN', SUBJECT, false],
  ['another value', 'C=CN,O=Calls\\, Inc.,CN=host-4', SUBJECT, false],
  ['a comma that is not escaped', 'C=CN,O=Calls, Inc.,CN=host-3', SUBJECT, false],
  ['an escape that is none', 'CN=host\\-3', 'CN=host-3', false],
  ['a lone backslash at the end', 'CN=host-3\\', 'CN=host-3', false],
  ['a key without a value', 'CN=', 'CN=', false],
  ['nothing at all', '', '', false],
])('%s', (_, wanted, subject, matches) => {
  expect(subjectMatches(wanted, subject)).toBe(matches);
});
