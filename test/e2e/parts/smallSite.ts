import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Minicloud } from '@anyseat/minicloud';
import { hashPassword } from '../../../hub/src/directory/passwordHash.ts';

export const PASSWORD = 'sesame';

/** A folder that is gone when the test is. */
export function temporaryFolder(name: string): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), `anyseat-${name}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** A users file with these people, all with PASSWORD; in group `staff`, and in a group of their own name. */
export async function writeUsers(file: string, users: readonly string[]): Promise<void> {
  const password = await hashPassword(PASSWORD, 'scrypt');
  const people = users.map((user) => ({
    user,
    displayName: user,
    uuid: randomUUID(),
    password,
    groups: ['staff', user],
  }));
  writeFileSync(file, JSON.stringify({ users: people }));
}

/** The clouds of hub.yaml for a minicloud: a member's credential, and an admin's to look up consoles. */
export function cloudSettings(
  folder: string,
  cloud: Minicloud,
  spice: Record<string, unknown> = {},
): Record<string, unknown> {
  mkdirSync(folder, { recursive: true });
  const cloudsFile = join(folder, 'clouds.yaml');
  writeFileSync(cloudsFile, cloud.cloudsYaml(), { mode: 0o600 });
  return { default: { cloud: 'minicloud-app', adminCloud: 'minicloud-admin', cloudsFile, spice } };
}

/** One site, so many seats (`s1` …), a pool and an allocator for everybody. */
export const smallSite = (
  seats: number,
  pool: Record<string, unknown> = {},
  allocator: Record<string, unknown> = {},
) => ({
  sites: { nt: { title: '南通', timeZone: 'Asia/Shanghai' } },
  seats: Object.fromEntries(
    Array.from({ length: seats }, (_, i) => [`s${i + 1}`, { site: 'nt', label: `S ${i + 1}` }]),
  ),
  pools: {
    standard: { title: 'Standard', image: 'desk-image', flavor: 'desk.small', floor: 2, ceiling: 6, ...pool },
  },
  allocators: { everybody: { title: 'Everybody', default: true, pools: ['standard'], ...allocator } },
});
