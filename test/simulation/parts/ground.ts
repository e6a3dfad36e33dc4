import { join } from 'node:path';
import { silentLog } from '@anyseat/base';
import { startMinicloud, type Minicloud } from '@anyseat/minicloud';
import { FileDirectory } from '../../../hub/src/directory/file.ts';
import { temporaryFolder, writeUsers } from '../../e2e/parts/smallSite.ts';
import { quickClock } from './quickClock.ts';

/** What a hub inside a test stands on: a folder, a quick cloud, a directory with people. `stack` ends all of it, and what is added. */
export interface Ground {
  stack: AsyncDisposableStack;
  folder: string;
  cloud: Minicloud;
  directory: FileDirectory;
}

export async function openGround(name: string, people: readonly string[]): Promise<Ground> {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder(name)).path;
  const cloud = opening.use(await startMinicloud({ speed: 20 }));
  const file = join(folder, 'users.json');
  await writeUsers(file, people);
  const settings = { type: 'file', name: 'local', file } as const;
  const clock = quickClock(1);
  const directory = opening.use(await FileDirectory.open(settings, { clock, log: silentLog }));
  return { stack: opening.move(), folder, cloud, directory };
}
