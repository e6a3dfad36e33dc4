import { theHub } from '../../domain/audit.ts';
import type { Frozen, ImageNews, ImageRevision } from '../../domain/pool/imageRevision.ts';
import type { Store } from '../store.ts';
import type { Context } from './context.ts';

interface Row {
  image: string;
  revision: number;
  seen_at: number;
  proved_at: number | null;
  frozen: string | null;
}

export function imageMethods({ db, clock, writer, audit }: Context): Pick<Store, 'images' | 'recordImage'> {
  const ofPool = db.prepare<[string], Row>('SELECT * FROM images WHERE pool = ? ORDER BY revision DESC');
  const one = db.prepare<[string, string], Row>('SELECT * FROM images WHERE pool = ? AND image = ?');
  const insert = db.prepare<[string, string, string, number]>(
    `INSERT INTO images (pool, image, revision, seen_at)
     VALUES (?, ?, (SELECT coalesce(max(revision), 0) + 1 FROM images WHERE pool = ?), ?)`,
  );
  const proved = db.prepare<[number, string, string]>(
    'UPDATE images SET proved_at = coalesce(proved_at, ?), frozen = NULL WHERE pool = ? AND image = ?',
  );
  const freeze = db.prepare<[string, string, string]>(
    'UPDATE images SET frozen = ? WHERE pool = ? AND image = ?',
  );

  const record = (pool: string, image: string, news: ImageNews): void => {
    const now = clock.now();
    const subject = `pools/${pool}`;
    if (!one.get(pool, image)) {
      insert.run(pool, image, pool, now);
      audit.add(now, theHub, 'image.seen', subject, { image });
    }
    if (news.kind === 'proved') proved.run(now, pool, image);
    if (news.kind === 'frozen') {
      const { specRevision, text } = news;
      freeze.run(JSON.stringify({ at: now, specRevision, text } satisfies Frozen), pool, image);
      audit.add(now, theHub, 'image.frozen', subject, { image, fault: text });
    }
  };

  return {
    images: (pool) => Promise.resolve(ofPool.all(pool).map(revisionOf)),
    recordImage: (pool, image, news) => writer.write(() => record(pool, image, news)),
  };
}

const revisionOf = (row: Row): ImageRevision => ({
  image: row.image,
  revision: row.revision,
  seenAt: row.seen_at,
  provedAt: row.proved_at ?? undefined,
  frozen: row.frozen === null ? undefined : (JSON.parse(row.frozen) as Frozen),
});
