import { Fault } from '@anyseat/base';
import type { Release, RolledOut, Rollout } from '../../domain/rollout.ts';
import type { UpdateStore } from '../updateStore.ts';
import type { Context } from './context.ts';

interface ReleaseRow extends Omit<Release, 'addedAt'> {
  added_at: number;
}
interface RolloutRow {
  id: number;
  version: string;
  state: Rollout['state'];
  rings: string;
  ring: number;
  through_at: number | null;
  at_once: number;
  soak_ms: number;
  most_failed: number;
  started_at: number;
  why: string | null;
}

/** Releases of the agent and how far they are. */
export function updateMethods({ db, clock, writer, audit }: Context): UpdateStore {
  const releases = db.prepare<[], ReleaseRow>('SELECT * FROM releases ORDER BY added_at DESC, version DESC');
  const sameRelease = db.prepare<[string, string], ReleaseRow>(
    'SELECT * FROM releases WHERE version = ? AND arch = ?',
  );
  const putRelease = db.prepare<object>(
    `INSERT INTO releases (sha256, version, arch, bytes, manifest, signature, added_at)
     VALUES (@sha256, @version, @arch, @bytes, @manifest, @signature, @addedAt)`,
  );
  const last = db.prepare<[], RolloutRow>('SELECT * FROM rollouts ORDER BY id DESC LIMIT 1');
  const put = db.prepare<object, RolloutRow>(
    `INSERT INTO rollouts (version, state, rings, ring, at_once, soak_ms, most_failed, started_at)
     VALUES (@version, 'running', @rings, 0, @atOnce, @soakMs, @mostFailed, @now) RETURNING *`,
  );
  const move = db.prepare<object, RolloutRow>(
    `UPDATE rollouts SET state = @state, ring = @ring, through_at = @throughAt, why = @why
      WHERE id = @id AND state = @from AND state IN ('running', 'paused') RETURNING *`,
  );
  const rolledOut = db.prepare<[number], RolledOut>(
    'SELECT tc, state, text, at, tries FROM rolled_out WHERE rollout = ? ORDER BY at, tc',
  );
  // A TC that waits for approval may be forgotten meanwhile.
  const record = db.prepare(
    `INSERT INTO rolled_out (rollout, tc, state, text, at, tries)
     SELECT @rollout, id, @state, @text, @at, @tries FROM tcs WHERE id = @tc
     ON CONFLICT (rollout, tc) DO UPDATE
        SET state = excluded.state, text = excluded.text, at = excluded.at, tries = tries + excluded.tries`,
  );

  return {
    releases: () => Promise.resolve(releases.all().map(releaseOf)),
    addRelease: (release, by) =>
      writer.write(() => {
        const { version, arch, sha256, bytes } = release;
        const same = sameRelease.get(version, arch);
        if (same?.sha256 === sha256) return releaseOf(same);
        if (same)
          throw new Fault(
            'release-differs',
            'refused',
            `there is another release ${version} already; make this one under a version of its own`,
          );
        const addedAt = clock.now();
        putRelease.run({ ...release, addedAt });
        audit.add(addedAt, by, 'release.added', version, { arch, sha256, bytes });
        return { ...release, addedAt };
      }),
    rollout: () => Promise.resolve(rolloutIf(last.get())),
    startRollout: (plan, by) =>
      writer.write(() => {
        const running = last.get();
        if (running && (running.state === 'running' || running.state === 'paused'))
          throw new Fault(
            'update-running',
            'refused',
            `the update to ${running.version} is ${running.state}; stop it first`,
          );
        const now = clock.now();
        const row = put.get({ ...plan, rings: JSON.stringify(plan.rings), now })!;
        const { version, rings, atOnce, soakMs, mostFailed } = plan;
        audit.add(now, by, 'update.started', version, { rings, atOnce, soakMs, mostFailed });
        return rolloutOf(row);
      }),
    moveRollout: (id, from, change, by) =>
      writer.write(() => {
        const row = last.get();
        if (row?.id !== id) return undefined;
        const next = { ...rolloutOf(row), ...change };
        const moved = move.get({
          id,
          from,
          state: next.state,
          ring: next.ring,
          throughAt: next.throughAt ?? null,
          why: next.state === 'paused' ? (next.why ?? null) : null,
        });
        if (!moved) return undefined;
        const { state, ring, why } = rolloutOf(moved);
        if (state !== row.state || ring !== row.ring)
          audit.add(clock.now(), by, 'update.moved', row.version, {
            state,
            ring: next.rings[ring] ?? '',
            ...(why === undefined ? {} : { why }),
          });
        return rolloutOf(moved);
      }),
    rolledOut: (rollout) => Promise.resolve(rolledOut.all(rollout)),
    recordRolledOut: (rollout, { tc, state, text }) =>
      writer.write(() => {
        const at = clock.now();
        record.run({ rollout, tc, state, text, at, tries: state === 'offered' ? 1 : 0 });
        if (state !== 'offered' && state !== 'starting')
          audit.add(at, { kind: 'tc', name: tc }, `tc.update-${actOf[state]}`, tc, { text });
      }),
  };
}

const actOf = { updated: 'done', failed: 'failed', rolledBack: 'rolled-back' } as const;

const releaseOf = ({ added_at: addedAt, ...row }: ReleaseRow): Release => ({ ...row, addedAt });

const rolloutIf = (row: RolloutRow | undefined): Rollout | undefined => row && rolloutOf(row);

const rolloutOf = (row: RolloutRow): Rollout => ({
  id: row.id,
  version: row.version,
  state: row.state,
  rings: JSON.parse(row.rings) as string[],
  ring: row.ring,
  throughAt: row.through_at ?? undefined,
  atOnce: row.at_once,
  soakMs: row.soak_ms,
  mostFailed: row.most_failed,
  startedAt: row.started_at,
  why: row.why ?? undefined,
});
