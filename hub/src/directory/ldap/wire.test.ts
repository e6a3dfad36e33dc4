import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageCutter, NotLdap, resultCodeOf, RESPONSE } from './wire.ts';

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** BER of one element. */
function element(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length =
    content.length < 128
      ? Buffer.from([content.length])
      : Buffer.from([0x82, content.length >> 8, content.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}
const octets = (text: string) => element(0x04, Buffer.from(text));
const message = (id: number, ...parts: Buffer[]) => element(0x30, element(0x02, Buffer.from([id])), ...parts);
const result = (tag: number, code: number) =>
  element(tag, element(0x0a, Buffer.from([code])), octets(''), octets('no'));
const entry = (dn: string, values: Record<string, string[]>) =>
  element(
    RESPONSE.entry,
    octets(dn),
    element(
      0x30,
      ...Object.entries(values).map(([type, all]) =>
        element(0x30, octets(type), element(0x31, ...all.map(octets))),
      ),
    ),
  );

const good = [
  message(1, result(RESPONSE.bind, 49)),
  message(
    2,
    entry('cn=a', { cn: ['a'], memberOf: Array.from({ length: 20 }, (_, i) => `cn=group-${i}`), empty: [] }),
  ),
  message(2, element(RESPONSE.reference, octets('ldap://elsewhere'))),
  message(
    2,
    result(RESPONSE.searchDone, 0),
    element(0xa0, element(0x30, octets('1.2.3'), element(0x01, Buffer.from([255])), octets('x'))),
  ),
  message(0, result(RESPONSE.extended, 52)),
];

describe('messages', () => {
  test('are cut from any pieces that they come in', () => {
    const stream = Buffer.concat(good);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const cutter = new MessageCutter();
        const cut: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length]!;
          cut.push(...cutter.cut(stream.subarray(at, at + size)).map(({ bytes }) => Buffer.from(bytes)));
          at += size;
        }
        expect(cut).toEqual(good);
        expect(cutter.unfinished).toBe(false);
      }),
    );
  });

  test('show their number, their kind and their result', () => {
    const seen = new MessageCutter().cut(Buffer.concat(good));
    expect(seen.map((one) => [one.id, one.tag, resultCodeOf(one)])).toEqual([
      [1, 0x61, 49],
      [2, 0x64, -1],
      [2, 0x73, -1],
      [2, 0x65, 0],
      [0, 0x78, 52],
    ]);
  });

  test.each([
    ['no sequence', 'ff'],
    ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n').toString('hex')],
    ['an indefinite length', '3080'],
    ['a length of five bytes', '308500ffffffff'],
    ['a message of two gigabytes', '30847fffffff'],
    ['a length below nought', '3084ffffffff'],
    ['nothing inside', '3000'],
    ['no operation', '3003020101'],
    ['no number', '300704010161020a00'],
    ['an empty bind response, which the library takes for success', '30050201016100'],
    ['a result without its texts', '3008 020101 6103 0a0100'],
    ['a result whose code is empty', '300b 020101 6106 0a00 0400 0400'],
    ['a bind response whose last text is longer than itself', '300c 020101 6107 0a0100 0400 0405'],
    ['an entry whose attributes are longer than itself', '300a 020101 6405 0400 3020 00'],
    ['an attribute that is no set', '3012 020101 640d 0400 3009 3007 0401 61 0402 6161'],
    ['a control that is none', '3011 020101 6507 0a0100 0400 0400 a003 020101'],
    ['a second operation', '3015 020101 6107 0a0100 0400 0400 6107 0a0100 0400 0400'],
    ['an operation that no client is sent', '3007 020101 6002 0400'],
    ['an intermediate response', '3005 020101 7900'],
    ['a high tag', '3005 020101 7f00'],
  ])('that are %s are refused', (_, bytes) => {
    expect(() => new MessageCutter().cut(hex(bytes))).toThrow(NotLdap);
  });

  test('nested without end are refused', () => {
    const deep = Array.from({ length: 100 }).reduce<Buffer>((inner) => element(0xa3, inner), Buffer.alloc(0));
    const bytes = message(
      1,
      element(RESPONSE.bind, element(0x0a, Buffer.from([0])), octets(''), octets(''), deep),
    );
    expect(() => new MessageCutter().cut(bytes)).toThrow(NotLdap);
  });

  test('that were damaged are cut or refused, and take no time', () => {
    const damage = fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(fc.nat(good.length - 1), damage, (which, changes) => {
        const bytes = Buffer.from(good[which]!);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          new MessageCutter().cut(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(NotLdap);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('hold no more than one unfinished message', () => {
    const cutter = new MessageCutter();
    cutter.cut(hex('3083 3fff00'));
    const piece = Buffer.alloc(64 * 1024);
    expect(() => {
      for (let i = 0; i < 1000; i++) cutter.cut(piece);
    }).toThrow(NotLdap);
  });
});
