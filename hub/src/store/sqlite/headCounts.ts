import type { RosterStore } from '../rosterStore.ts';
import type { Context } from './context.ts';

type Methods = 'recordHeadCounts' | 'headCounts' | 'loggedInAt' | 'forgetHeadCounts';

interface Sum {
  at: number;
  expected: number;
  loggedIn: number;
  active: number;
}

export function headCountMethods({ db, writer }: Pick<Context, 'db' | 'writer'>): Pick<RosterStore, Methods> {
  const put = db.prepare(
    `INSERT INTO head_counts (at, site, department, allocator, expected, logged_in, active) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  const sums = db.prepare<[Record<string, number | string | null>], Sum>(
    `SELECT at, sum(expected) AS expected, sum(logged_in) AS loggedIn, sum(active) AS active FROM head_counts
      WHERE at >= @from AND at < @to AND (@site IS NULL OR site = @site) AND (@department IS NULL OR department = @department)
        AND (@allocator IS NULL OR allocator = @allocator)
      GROUP BY at ORDER BY at`,
  );
  const bySite = db.prepare<[string], { at: number; site: string; loggedIn: number }>(
    `SELECT at, site, sum(logged_in) AS loggedIn FROM head_counts
      WHERE at IN (SELECT value FROM json_each(?)) GROUP BY at, site`,
  );
  const forget = db.prepare('DELETE FROM head_counts WHERE at < ?');
  return {
    recordHeadCounts: (at, counts) =>
      writer.write(() => {
        for (const { site, department, allocator, expected, loggedIn, active } of counts)
          put.run(at, site, department, allocator, expected, loggedIn, active);
      }),
    headCounts: ({ from, to, site = null, department = null, allocator = null }) =>
      Promise.resolve(sums.all({ from, to, site, department, allocator })),
    loggedInAt: (moments) => Promise.resolve(bySite.all(JSON.stringify(moments))),
    forgetHeadCounts: (before) => writer.write(() => forget.run(before).changes),
  };
}
