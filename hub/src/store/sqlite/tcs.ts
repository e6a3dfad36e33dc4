import { Fault, newId } from '@anyseat/base';
import type { Actor } from '../../domain/audit.ts';
import type { TcId } from '../../domain/session.ts';
import type { Tc } from '../../domain/tc.ts';
import type { Store } from '../store.ts';
import type { Context } from './context.ts';

interface Row {
  id: TcId;
  fingerprint: string;
  public_key: string;
  state: Tc['state'];
  seat: string | null;
  tags: string;
  host_name: string;
  model: string | null;
  macs: string;
  agent_version: string;
  address: string;
  first_seen_at: number;
  last_seen_at: number;
}

type TcMethods =
  'tcs' | 'tcByFingerprint' | 'meetTc' | 'approveTc' | 'placeTc' | 'tagTc' | 'retireTc' | 'addToken';

export function tcMethods({ db, clock, writer, audit }: Context): Pick<Store, TcMethods> {
  const all = db.prepare<[], Row>('SELECT * FROM tcs ORDER BY seat IS NULL, seat, first_seen_at');
  const byFingerprint = db.prepare<[string], Row>('SELECT * FROM tcs WHERE fingerprint = ?');
  const byId = db.prepare<[string], Row>('SELECT * FROM tcs WHERE id = ?');
  const atSeat = db.prepare<[string], Row>("SELECT * FROM tcs WHERE seat = ? AND state = 'enrolled'");
  const seatThere = db.prepare("SELECT 1 FROM resources WHERE kind = 'seats' AND name = ?");
  const insert = db.prepare(
    `INSERT INTO tcs (id, fingerprint, public_key, state, seat, host_name, model, macs, agent_version, address, first_seen_at, last_seen_at)
     VALUES (?, ?, ?, 'pending', NULL, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const seen = db.prepare(
    'UPDATE tcs SET host_name = ?, model = ?, macs = ?, agent_version = ?, address = ?, last_seen_at = ? WHERE id = ?',
  );
  const setTags = db.prepare('UPDATE tcs SET tags = ? WHERE id = ?');
  const setPlace = db.prepare('UPDATE tcs SET state = ?, seat = ? WHERE id = ?');
  const pendingCount = db.prepare<[], number>("SELECT count(*) FROM tcs WHERE state = 'pending'").pluck();
  const forgetOldest = db.prepare(
    "DELETE FROM tcs WHERE id = (SELECT id FROM tcs WHERE state = 'pending' ORDER BY last_seen_at LIMIT 1)",
  );
  const useToken = db.prepare<[string, string, number], { seat: string | null }>(
    'UPDATE enrolment_tokens SET used_by = ? WHERE hash = ? AND used_by IS NULL AND expires_at > ? RETURNING seat',
  );
  const putToken = db.prepare(
    'INSERT INTO enrolment_tokens (hash, seat, expires_at, created_at, created_by) VALUES (?, ?, ?, ?, ?)',
  );

  const required = (id: TcId): Row => {
    const row = byId.get(id);
    if (!row)
      throw new Fault('tc-unknown', 'refused', `there is no thin client ${id}`, { fields: { tc: id } });
    return row;
  };

  const place = (id: TcId, state: Tc['state'], seat: string | undefined): Tc => {
    if (seat !== undefined) {
      if (!seatThere.get(seat)) {
        throw new Fault('seat-unknown', 'refused', `there is no seat “${seat}”`, { fields: { seat } });
      }
      const there = atSeat.get(seat);
      if (there && there.id !== id) {
        throw new Fault(
          'seat-taken',
          'refused',
          `another thin client (${there.fingerprint}) stands at seat “${seat}”; move or retire that one first`,
          { fields: { seat, fingerprint: there.fingerprint } },
        );
      }
    }
    setPlace.run(state, seat ?? null, id);
    return tcOf(byId.get(id)!);
  };

  const enrolByToken = (tc: Row, tokenHash: string): void => {
    const token = useToken.get(tc.id, tokenHash, clock.now());
    if (!token) {
      throw new Fault('token-invalid', 'refused', 'the enrolment token is unknown, used or too old');
    }
    const enrolled = place(tc.id, 'enrolled', token.seat ?? undefined);
    audit.add(clock.now(), { kind: 'tc', name: tc.id }, 'tc.enrolled', tc.id, {
      by: 'token',
      fingerprint: tc.fingerprint,
      seat: enrolled.seat ?? null,
    });
  };

  return {
    tcs: () => Promise.resolve(all.all().map(tcOf)),
    tcByFingerprint: (fingerprint) => {
      const row = byFingerprint.get(fingerprint);
      return Promise.resolve(row && tcOf(row));
    },
    meetTc: (met, tokenHash, mostPending) =>
      writer.write(() => {
        const now = clock.now();
        const macs = JSON.stringify(met.macs);
        let row = byFingerprint.get(met.fingerprint);
        if (row) {
          seen.run(met.hostName, met.model ?? null, macs, met.agentVersion, met.address, now, row.id);
        } else {
          while (pendingCount.get()! >= mostPending) forgetOldest.run();
          const id = newId('tc', now);
          const { fingerprint, publicKey, hostName, model, agentVersion, address } = met;
          insert.run(
            id,
            fingerprint,
            publicKey,
            hostName,
            model ?? null,
            macs,
            agentVersion,
            address,
            now,
            now,
          );
          audit.add(now, { kind: 'tc', name: id }, 'tc.appeared', id, { fingerprint, address });
          row = byId.get(id)!;
        }
        if (tokenHash !== undefined && row.state === 'pending') enrolByToken(row, tokenHash);
        return tcOf(byId.get(row.id)!);
      }),
    approveTc: (fingerprint, seat, by) =>
      writer.write(() => {
        const row = byFingerprint.get(fingerprint);
        if (!row) {
          throw new Fault(
            'tc-unknown',
            'refused',
            `no thin client with the fingerprint ${fingerprint} has connected`,
            {
              fields: { fingerprint },
            },
          );
        }
        return change(row.id, 'tc.approved', by, () =>
          place(row.id, 'enrolled', seat ?? row.seat ?? undefined),
        );
      }),
    placeTc: (id, seat, by) =>
      writer.write(() => {
        const row = required(id);
        return change(id, 'tc.placed', by, () => place(id, row.state, seat));
      }),
    retireTc: (id, by) =>
      writer.write(() => {
        required(id);
        return change(id, 'tc.retired', by, () => place(id, 'retired', undefined));
      }),
    tagTc: (id, tags, by) =>
      writer.write(() => {
        const was = JSON.parse(required(id).tags) as Record<string, string>;
        const is = Object.fromEntries(
          Object.entries({ ...was, ...tags }).filter((one): one is [string, string] => one[1] !== null),
        );
        setTags.run(JSON.stringify(is), id);
        audit.add(clock.now(), by, 'tc.tagged', id, { was, is });
        return tcOf(byId.get(id)!);
      }),

    addToken: (token, by) =>
      writer.write(() => {
        const now = clock.now();
        if (token.seat !== undefined && !seatThere.get(token.seat)) {
          throw new Fault('seat-unknown', 'refused', `there is no seat “${token.seat}”`, {
            fields: { seat: token.seat },
          });
        }
        putToken.run(token.hash, token.seat ?? null, token.expiresAt, now, by.name);
        audit.add(now, by, 'tc.token-made', token.seat ?? 'any seat', { expiresAt: token.expiresAt });
      }),
  };

  function change(id: TcId, act: string, by: Actor, work: () => Tc): Tc {
    const tc = work();
    audit.add(clock.now(), by, act, id, { fingerprint: tc.fingerprint, seat: tc.seat ?? null });
    return tc;
  }
}

const tcOf = (row: Row): Tc => ({
  id: row.id,
  fingerprint: row.fingerprint,
  publicKey: row.public_key,
  state: row.state,
  seat: row.seat ?? undefined,
  tags: JSON.parse(row.tags) as Record<string, string>,
  hostName: row.host_name,
  model: row.model ?? undefined,
  macs: JSON.parse(row.macs) as string[],
  agentVersion: row.agent_version,
  address: row.address,
  firstSeenAt: row.first_seen_at,
  lastSeenAt: row.last_seen_at,
});
