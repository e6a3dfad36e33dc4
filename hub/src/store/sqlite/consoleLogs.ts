import type { DesktopId } from '../../domain/desktop.ts';
import type { Store } from '../store.ts';
import type { Context } from './context.ts';

type ConsoleLogMethods = 'keepConsoleLog' | 'consoleLog' | 'consoleLogs' | 'forgetConsoleLogs';

/** What desktops in quarantine wrote on their serial consoles, for autopsy. */
export function consoleLogMethods({
  db,
  clock,
  writer,
}: Pick<Context, 'db' | 'clock' | 'writer'>): Pick<Store, ConsoleLogMethods> {
  const keep = db.prepare(
    'INSERT INTO console_logs (desktop, at, text) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const one = db.prepare<[string], { at: number; text: string }>(
    'SELECT at, text FROM console_logs WHERE desktop = ?',
  );
  const all = db.prepare<[], DesktopId>('SELECT desktop FROM console_logs').pluck();
  const forget = db.prepare('DELETE FROM console_logs WHERE at < ?');

  return {
    keepConsoleLog: (desktop, text) => writer.write(() => keep.run(desktop, clock.now(), text).changes === 1),
    consoleLog: (desktop) => Promise.resolve(one.get(desktop)),
    consoleLogs: () => Promise.resolve(new Set(all.all())),
    forgetConsoleLogs: (before) => writer.write(() => forget.run(before).changes),
  };
}
