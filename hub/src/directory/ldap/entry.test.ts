import { expect, test } from 'vitest';
import { bytesOfGuid, formatGuid, LdapEntry, siblingSid } from './entry.ts';

test('an objectGUID is written as Windows writes it', () => {
  expect([
    formatGuid(Buffer.from('90395f191ab51b4a9e9686c66cb18d11', 'hex')),
    formatGuid(Buffer.from('90395f', 'hex')),
  ]).toEqual(['195f3990-b51a-4a1b-9e96-86c66cb18d11', undefined]);
});

test('and read as Windows writes it', () => {
  expect([
    bytesOfGuid('195f3990-b51a-4a1b-9e96-86c66cb18d11')?.toString('hex'),
    bytesOfGuid('195f3990'),
  ]).toEqual(['90395f191ab51b4a9e9686c66cb18d11', undefined]);
});

test("a group's SID is a person's with another last number", () => {
  const person = '0105000000000005150000000102030405060708090a0b0c51040000';
  expect([
    siblingSid(Buffer.from(person, 'hex'), 513)?.toString('hex'),
    siblingSid(Buffer.from('0105', 'hex'), 513),
    siblingSid(Buffer.from(`${person}00`, 'hex'), 513),
  ]).toEqual(['0105000000000005150000000102030405060708090a0b0c01020000', undefined, undefined]);
});

test('attributes are found in any case, one value or many, text or bytes', () => {
  const entry = new LdapEntry({
    dn: 'cn=a',
    memberOf: ['cn=b', 'cn=c'],
    CN: 'a',
    jpegPhoto: Buffer.from([255]),
    none: [],
    'member;range=0-1': ['x'],
  });
  expect([
    entry.dn,
    entry.texts('MEMBEROF'),
    entry.text('cn'),
    entry.texts('jpegPhoto'),
    entry.bytes('jpegphoto'),
    entry.texts('none'),
    entry.text('constructor'),
    entry.isPartial('Member'),
    entry.isPartial('memberOf'),
  ]).toEqual(['cn=a', ['cn=b', 'cn=c'], 'a', [], Buffer.from([255]), [], undefined, true, false]);
});
