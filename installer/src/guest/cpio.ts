/** One thing in an archive. A parent must stand before what is in it. */
export interface ArchiveEntry {
  /** Relative, without a leading slash. */
  path: string;
  kind: 'directory' | 'file' | 'program';
  content?: Buffer;
}

const MODES = { directory: 0o040_755, file: 0o100_644, program: 0o100_755 } as const;

/**
 * An archive as the kernel unpacks it into its first file system ("newc": the kernel's
 * Documentation/driver-api/early-userspace/buffer-format.rst). Owner root, time 0: the same entries give the same bytes.
 */
export function cpioArchive(entries: readonly ArchiveEntry[]): Buffer {
  const parts = entries.map((entry, i) => member(entry.path, MODES[entry.kind], i + 1, entry.content));
  return Buffer.concat([...parts, member('TRAILER!!!', 0, 0)]);
}

function member(path: string, mode: number, inode: number, content: Buffer = Buffer.alloc(0)): Buffer {
  const name = Buffer.from(`${path}\0`, 'utf8');
  // inode, mode, uid, gid, links, mtime, size, device (2), device of a node (2), length of the name, check sum.
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(
    `070701${fields.map((n) => n.toString(16).padStart(8, '0')).join('')}`,
    'latin1',
  );
  return Buffer.concat([aligned(Buffer.concat([header, name])), aligned(content)]);
}

function aligned(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
