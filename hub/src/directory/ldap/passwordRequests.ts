import { Attribute, BerWriter, Change } from 'ldapts';

/** A value in quotes, in UTF-16 ([MS-ADTS] 3.1.1.3.1.5.1.1). */
export function unicodePwd(operation: 'delete' | 'add', password: string): Change {
  const value = Buffer.from(`"${password}"`, 'utf16le');
  // The library writes bytes as they are, whatever its types say.
  return new Change({
    operation,
    modification: new Attribute({ type: 'unicodePwd', values: [value] as unknown as string[] }),
  });
}

/** PasswdModifyRequestValue without a name: of whoever has bound (RFC 3062 section 2). */
export function passwordModification(password: string, newPassword: string): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeString(password, 0x81);
  writer.writeString(newPassword, 0x82);
  writer.endSequence();
  return writer.buffer;
}

/** Active Directory begins its words with a Win32 error, in eight hexadecimal digits. */
export function win32Of(text: string): number | undefined {
  const digits = /^([0-9a-f]{8}): /i.exec(text)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
