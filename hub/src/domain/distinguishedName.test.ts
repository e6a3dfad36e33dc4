import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dnKey,
  dnText,
  escapeDnValue,
  formatDn,
  isSameDn,
  isUnder,
  parentDn,
  parseDn,
  type DistinguishedName,
} from './distinguishedName.ts';

describe('a distinguished name is taken apart', () => {
  const cases: [string, [string, string][][]][] = [
    ['', []],
    ['UID=jsmith,DC=example,DC=net', [[['UID', 'jsmith']], [['DC', 'example']], [['DC', 'net']]]],
    [
      'OU=Sales+CN=J.  Smith,DC=net',
      [
        [
          ['OU', 'Sales'],
          ['CN', 'J.  Smith'],
        ],
        [['DC', 'net']],
      ],
    ],
    ['CN=James \\"Jim\\" Smith\\, III,DC=net', [[['CN', 'James "Jim" Smith, III']], [['DC', 'net']]]],
    ['CN=Before\\0dAfter,DC=net', [[['CN', 'Before\rAfter']], [['DC', 'net']]]],
    ['1.3.6.1.4.1.1466.0=#04024869', [[['1.3.6.1.4.1.1466.0', 'Hi']]]],
    ['CN=Lu\\C4\\8Di\\C4\\87', [[['CN', 'Lučić']]]],
    ['cn=M\\c3\\bcller\\5c\\2c Anna', [[['cn', 'Müller\\, Anna']]]],
    ['OU=客服中心,O=Müller & Söhne', [[['OU', '客服中心']], [['O', 'Müller & Söhne']]]],
    ['cn = a b  , dc = c', [[['cn', 'a b']], [['dc', 'c']]]],
    ['cn=\\ a\\ ,dc=c', [[['cn', ' a ']], [['dc', 'c']]]],
    ['cn=a\\20,dc=c', [[['cn', 'a ']], [['dc', 'c']]]],
    ['cn="a,b+c";dc=c', [[['cn', 'a,b+c']], [['dc', 'c']]]],
    ['cn=\\#1=one,dc=', [[['cn', '#1=one']], [['dc', '']]]],
    ['cn=𝒳\\,y', [[['cn', '𝒳,y']]]],
  ];
  test.each(cases)('%s', (text, steps) => {
    expect(parseDn(text)).toEqual(steps.map((step) => step.map(([type, value]) => ({ type, value }))));
  });

  test.each([
    'anna',
    'cn=a,',
    ',cn=a',
    'cn=a,,dc=b',
    '=a',
    'c n=a',
    'cn=a\\',
    'cn=a\\zb',
    'cn=\\ff',
    'cn="a',
    'cn="a"b',
    'cn=a"b',
    'cn=<a>',
    'cn=#zz',
    'cn=#0402',
    'cn=#3003020101',
  ])('%s is none', (text) => {
    expect([parseDn(text), dnKey(text), parentDn(text), isUnder(text, ''), isSameDn(text, text)]).toEqual([
      undefined,
      undefined,
      undefined,
      false,
      false,
    ]);
  });
});

describe('names are the same however they are written', () => {
  const base = 'cn=Müller\\, Anna,ou=Vertrieb Süd,dc=call,dc=example';
  test.each([
    'CN=M\\C3\\BCller\\2C Anna,OU=Vertrieb S\\C3\\BCd,DC=call,DC=example',
    'cn=mu\u0308ller\\, anna , ou=VERTRIEB   SÜD , dc=call , dc=example',
    '2.5.4.3=Müller\\, Anna,OID.2.5.4.11=Vertrieb Süd,0.9.2342.19200300.100.1.25=Call,dc=example',
    'cn="Müller, Anna";ou=Vertrieb Süd;dc=call;dc=example',
  ])('%s', (other) => {
    expect([isSameDn(base, other), dnText(base) === dnText(other)]).toEqual([true, true]);
  });

  test('the pairs of one step have no order', () => {
    expect(isSameDn('ou=a+cn=b,dc=c', 'CN=B+OU=A,dc=c')).toBe(true);
  });

  test.each([
    ['cn=a\\,ou=b,dc=c', 'cn=a,ou=b,dc=c'],
    ['cn=a\\+ou=b,dc=c', 'cn=a+ou=b,dc=c'],
    ['cn=a\\\\,dc=c', 'cn=a,dc=c'],
    ['cn=ab,dc=c', 'cn=a b,dc=c'],
    ['cn=ı,dc=c', 'cn=i,dc=c'],
  ])('%s is not %s', (a, b) => {
    expect([isSameDn(a, b), dnText(a) === dnText(b)]).toEqual([false, false]);
  });
});

describe('somebody lives under an OU', () => {
  test.each([
    ['uid=a,ou=Night,ou=Sales,dc=x', 'ou=sales,dc=x', true],
    ['uid=a,ou=Sales,dc=x', 'ou=sales,dc=x', true],
    ['ou=Sales,dc=x', 'ou=sales,dc=x', true],
    ['uid=a,ou=Sales,dc=x', '', true],
    ['uid=a,ou=Presales,dc=x', 'ou=sales,dc=x', false],
    ['uid=a\\,ou=Sales,dc=x', 'ou=sales,dc=x', false],
    ['uid=a\\\\,ou=Sales,dc=x', 'ou=sales,dc=x', true],
    ['uid=a,ou=Sales,dc=x', 'uid=b,ou=Sales,dc=x', false],
    ['dc=x', 'ou=sales,dc=x', false],
    ['CN=王小明,OU=客服\\, 北京,DC=x', 'ou=客服\\2c 北京,dc=x', true],
    ['uid=a,ou=Kundenbetreu\\C3\\BCng,dc=x', 'OU=KUNDENBETREUÜNG,DC=X', true],
  ])('%s under %s: %s', (dn, ou, expected) => {
    expect(isUnder(dn, ou)).toBe(expected);
  });

  test('the name one step up keeps its escapes', () => {
    expect([parentDn('cn=a\\,b,ou=c\\+d,dc=e'), parentDn('dc=e'), parentDn('')]).toEqual([
      'ou=c\\+d,dc=e',
      '',
      undefined,
    ]);
  });
});

describe('for every name', () => {
  const pair = fc.record({
    type: fc.constantFrom('cn', 'OU', 'dc', '1.2.3', 'x-y'),
    value: fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: fc.constantFrom(...' #,+"\\<>;=\0a'.split('')) }),
    ),
  });
  const name = fc.array(fc.array(pair, { minLength: 1, maxLength: 2 }), { maxLength: 4 });

  test('what is written reads back the same', () => {
    fc.assert(
      fc.property(name, (dn) => {
        expect(parseDn(formatDn(dn))).toEqual(dn);
      }),
    );
  });

  test('it is itself, lies under each of its parents, and not under a stranger', () => {
    fc.assert(
      fc.property(name, name, (dn, tail: DistinguishedName) => {
        const whole = formatDn([...dn, ...tail]);
        expect([
          isSameDn(whole, whole),
          isUnder(whole, formatDn(tail)),
          isUnder(whole, `o=${escapeDnValue('no such place at all')},${formatDn(tail)}`),
        ]).toEqual([true, true, false]);
      }),
    );
  });

  test('any text is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab=,+"\\#04fF; <>é'.split('')) }), (text) => {
        const dn = parseDn(text);
        if (dn !== undefined) expect(dnKey(formatDn(dn))).toEqual(dnKey(text));
      }),
    );
  });
});
