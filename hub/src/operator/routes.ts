import { Fault, HOUR } from '@anyseat/base';
import {
  applyRequest,
  approveRequest,
  auditQuery,
  explainRequest,
  fileRequest,
  floorQuery,
  historyQuery,
  placeRequest,
  readFingerprint,
  revertRequest,
  tagRequest,
  tokenRequest,
  viewKinds,
  whatifRequest,
  type AuditAnswer,
  type FileAnswer,
  type TokenAnswer,
  type WhoAnswer,
} from '@anyseat/protocol';
import { z } from 'zod';
import type { Actor } from '../domain/audit.ts';
import type { Session, SessionId } from '../domain/session.ts';
import { readWallTime } from '../domain/wallClock.ts';
import type { Tc } from '../domain/tc.ts';
import type { BindingExpiry } from '../reconcile/bindings.ts';
import { newToken, tokenHash } from '../tc/enrolment.ts';
import type { TcCommands } from '../tc/tcCommands.ts';
import type { Alerts } from '../alerts/openAlerts.ts';
import { acknowledgeAlert, silenceAlert, testAlerts } from './alerts.ts';
import type { CatalogueKeeper } from './catalogueKeeper.ts';
import { endBinding, expireBindings, importBindings, moveBinding, rebind } from './bindings.ts';
import { consoleSessions, endConsoleSession, makeLink, type ConsoleDoor } from './consoleDoor.ts';
import { explain, type ExplainDeps } from './explain.ts';
import type { Floor } from './floor.ts';
import { history } from './history.ts';
import { oneSeat } from './oneSeat.ts';
import { allOf, highestOf, type Operator, type Role } from './permissions.ts';
import { ofSession, ofSwap, ofTc, type ActSite } from './actSite.ts';
import { acceptProblem, closePool, drainHost, openPool, resumeHost } from './maintenance.ts';
import { rejudgeSessions } from './rejudge.ts';
import { labelSeat, ofSeat } from './seatLabel.ts';
import { status, type StatusDeps } from './status.ts';
import { lockTc, logOffTc, logsOfTc, messageTc, powerTc, screenshotOfTc, wakeTc } from './tcActs.ts';
import { desktopLog, releaseDesktop, swap } from './swap.ts';
import type { Pace } from '../domain/swap.ts';
import type { Drains } from '../reconcile/drains.ts';
import type { SwapOrder, Swapped } from '../store/store.ts';
import { peopleDay, peopleNow, type PeopleDeps } from './people.ts';
import { importRoster, rosterSheet } from './rosters.ts';
import { addRelease, changeUpdate, startUpdate, updates, type UpdateDeps } from './updates.ts';
import { tcView, view } from './views.ts';
import { whatif } from './whatif.ts';
import { whyThen } from './whyThen.ts';
import { read, written } from './written.ts';

export interface OperatorDeps extends StatusDeps, UpdateDeps {
  /** All directories as one, for `explain`. */
  explainWith: ExplainDeps['directories'];
  rosters: StatusDeps['rosters'] & PeopleDeps['rosters'];
  keeper: CatalogueKeeper;
  bindingExpiry: BindingExpiry;
  /** All seats for the map. */
  floor: Floor;
  /** The console's door; undefined where hub.yaml has it off. */
  console: ConsoleDoor | undefined;
  placeOfNew: ExplainDeps['placeOfNew'];
  pins: readonly string[];
  /** A TC was approved, placed or retired. */
  onTcChanged: (tc: Tc) => void;
  /** An operator ended a session. */
  onSessionEnded: (session: Session) => void;
  /** An operator locked one. */
  onSessionLocked: (session: Session) => void;
  tcCommands: TcCommands;
  alerts: Pick<Alerts, 'test' | 'look'>;
  swap: (order: SwapOrder, by: Actor) => Promise<Swapped>;
  /** How often operators may swap, all together. */
  operatorSwaps: Pace;
  drains: Drains;
  lookAtPool: (pool: string) => void;
  /** Puts a checked backup in place of the store at the next start, and stops the hub for it. */
  restore: (file: string) => Promise<FileAnswer>;
  backup: (file: string) => Promise<FileAnswer>;
}

export interface Asked {
  body: unknown;
  query: unknown;
  params: Record<string, string>;
  by: Actor;
  operator: Operator;
  signal: AbortSignal;
}

export interface Route {
  method: 'GET' | 'POST';
  path: string;
  needs: Role;
  /**
   * For who may this at some sites only: where it happens; `anywhere`: it touches nothing. Without it they must be allowed to at
   * every site, to look excepted.
   */
  at?: ActSite | 'anywhere';
  /** Not for browsers: it names files of the hub's machine, or lets in whom no directory knows. */
  only?: 'socket';
  answer: (asked: Asked, deps: OperatorDeps) => Promise<unknown>;
}

/** Everything that an operator can ask, one line a thing, with the role that it needs. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/me', needs: 'view', answer: who },
  { method: 'GET', path: '/status', needs: 'view', answer: (_asked, deps) => status(deps) },
  { method: 'GET', path: '/get/:kind', needs: 'view', answer: get },
  { method: 'GET', path: '/floor', needs: 'view', answer: floorNow },
  { method: 'GET', path: '/seats/:seat', needs: 'view', answer: seatNow },
  { method: 'GET', path: '/written', needs: 'operate', at: 'anywhere', answer: written },
  { method: 'POST', path: '/written', needs: 'operate', at: 'anywhere', answer: read },
  { method: 'POST', path: '/apply', needs: 'administer', answer: apply },
  { method: 'POST', path: '/explain', needs: 'help', at: 'anywhere', answer: explainLogin },
  { method: 'GET', path: '/sessions/:id/why', needs: 'help', at: 'anywhere', answer: whyLogin },
  { method: 'POST', path: '/whatif', needs: 'help', at: 'anywhere', answer: ifRulesWere },
  { method: 'GET', path: '/history', needs: 'operate', at: 'anywhere', answer: pastOf },
  { method: 'POST', path: '/revert', needs: 'administer', answer: revert },
  { method: 'POST', path: '/tcs/:fingerprint/approve', needs: 'operate', answer: approve },
  { method: 'POST', path: '/tcs/:fingerprint/place', needs: 'operate', answer: place },
  { method: 'POST', path: '/tcs/:fingerprint/tag', needs: 'operate', answer: tagTc },
  { method: 'POST', path: '/tcs/:fingerprint/retire', needs: 'operate', answer: retireTc },
  { method: 'POST', path: '/tcs/:tc/message', needs: 'help', at: ofTc, answer: messageTc },
  { method: 'POST', path: '/tcs/:tc/lock', needs: 'help', at: ofTc, answer: lockTc },
  { method: 'POST', path: '/tcs/:tc/logoff', needs: 'help', at: ofTc, answer: logOffTc },
  { method: 'POST', path: '/tcs/:tc/power', needs: 'operate', at: ofTc, answer: powerTc },
  { method: 'POST', path: '/tcs/:tc/wake', needs: 'operate', at: ofTc, answer: wakeTc },
  { method: 'POST', path: '/tcs/:tc/logs', needs: 'operate', at: ofTc, answer: logsOfTc },
  { method: 'POST', path: '/tcs/:tc/screenshot', needs: 'operate', at: ofTc, answer: screenshotOfTc },
  { method: 'GET', path: '/updates', needs: 'view', answer: updates },
  { method: 'POST', path: '/updates/start', needs: 'administer', answer: startUpdate },
  { method: 'POST', path: '/updates/change', needs: 'operate', answer: changeUpdate },
  { method: 'POST', path: '/updates/releases', needs: 'administer', only: 'socket', answer: addRelease },
  { method: 'POST', path: '/bindings/import', needs: 'administer', answer: importBindings },
  { method: 'POST', path: '/rosters/:roster/import', needs: 'operate', answer: importRoster },
  { method: 'GET', path: '/people', needs: 'view', answer: peopleNow },
  { method: 'GET', path: '/people/day', needs: 'view', answer: peopleDay },
  { method: 'GET', path: '/rosters/:roster/sheet', needs: 'view', answer: rosterSheet },
  { method: 'POST', path: '/bindings/expire', needs: 'administer', answer: expireBindings },
  { method: 'POST', path: '/bindings/:desktop/end', needs: 'administer', answer: endBinding },
  { method: 'POST', path: '/bindings/:desktop/rebind', needs: 'administer', answer: rebind },
  { method: 'POST', path: '/bindings/:desktop/move', needs: 'administer', answer: moveBinding },
  { method: 'POST', path: '/tokens', needs: 'operate', answer: makeToken },
  { method: 'POST', path: '/sessions/:id/end', needs: 'help', at: ofSession, answer: endSession },
  { method: 'POST', path: '/rejudge', needs: 'administer', answer: rejudgeSessions },
  { method: 'POST', path: '/desktops/:id/retire', needs: 'operate', answer: retireDesktop },
  { method: 'POST', path: '/desktops/:id/release', needs: 'operate', answer: releaseDesktop },
  { method: 'GET', path: '/desktops/:id/log', needs: 'operate', at: 'anywhere', answer: desktopLog },
  { method: 'POST', path: '/swap', needs: 'help', at: ofSwap, answer: swap },
  { method: 'POST', path: '/hosts/:host/drain', needs: 'operate', answer: drainHost },
  { method: 'POST', path: '/hosts/:host/resume', needs: 'operate', answer: resumeHost },
  { method: 'POST', path: '/seats/:seat/label', needs: 'operate', at: ofSeat, answer: labelSeat },
  { method: 'POST', path: '/pools/:pool/close', needs: 'operate', answer: closePool },
  { method: 'POST', path: '/pools/:pool/open', needs: 'operate', answer: openPool },
  { method: 'POST', path: '/problems/accept', needs: 'operate', answer: acceptProblem },
  { method: 'POST', path: '/alerts/test', needs: 'operate', answer: testAlerts },
  { method: 'POST', path: '/alerts/:id/acknowledge', needs: 'operate', answer: acknowledgeAlert },
  { method: 'POST', path: '/alerts/:id/silence', needs: 'operate', answer: silenceAlert },
  { method: 'GET', path: '/audit', needs: 'view', answer: audit },
  { method: 'POST', path: '/console/links', needs: 'administer', only: 'socket', answer: makeLink },
  { method: 'GET', path: '/console/sessions', needs: 'administer', answer: consoleSessions },
  { method: 'POST', path: '/console/sessions/:id/end', needs: 'administer', answer: endConsoleSession },
  {
    method: 'POST',
    path: '/backup',
    needs: 'administer',
    only: 'socket',
    answer: backup,
  },
  {
    method: 'POST',
    path: '/restore',
    needs: 'administer',
    only: 'socket',
    answer: restore,
  },
];

function who({ operator }: Asked, deps: OperatorDeps): Promise<WhoAnswer> {
  const { name, version } = deps;
  const can = { role: highestOf(operator), may: allOf(operator) };
  return Promise.resolve({ ...operator, ...can, hub: name, version });
}

function floorNow({ query }: Asked, { floor }: OperatorDeps): Promise<unknown> {
  return floor.answer(floorQuery.parse(query).since);
}

function seatNow({ params }: Asked, deps: OperatorDeps): Promise<unknown> {
  return oneSeat(params['seat']!, deps);
}

async function get({ params }: Asked, deps: OperatorDeps): Promise<unknown> {
  return view(z.enum(viewKinds).parse(params['kind']), deps);
}

function apply({ body, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  return deps.keeper.apply(applyRequest.parse(body), by);
}

function explainLogin({ body, signal }: Asked, deps: OperatorDeps): Promise<unknown> {
  const { user, seat, at } = explainRequest.parse(body);
  const time = at === undefined ? undefined : readWallTime(at);
  return explain(user, seat, { ...deps, directories: deps.explainWith }, signal, time);
}

function whyLogin({ params }: Asked, deps: OperatorDeps): Promise<unknown> {
  return whyThen(params['id'] as SessionId, deps);
}

async function ifRulesWere({ body }: Asked, deps: OperatorDeps): Promise<unknown> {
  const { days, ...written } = whatifRequest.parse(body);
  return whatif(await deps.keeper.asWritten(written), days, deps);
}

function pastOf({ query }: Asked, deps: OperatorDeps): Promise<unknown> {
  return history(historyQuery.parse(query), deps);
}

function revert({ body, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  const { dryRun, ...to } = revertRequest.parse(body);
  return deps.keeper.revert(to, dryRun, by);
}

async function approve({ body, params, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  const tc = await deps.store.approveTc(fingerprintIn(params), approveRequest.parse(body).seat, by);
  return changed(tc, deps);
}

async function place({ body, params, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  const { id } = await tcIn(params, deps);
  return changed(await deps.store.placeTc(id, placeRequest.parse(body).seat ?? undefined, by), deps);
}

async function tagTc({ body, params, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  const { id } = await tcIn(params, deps);
  return changed(await deps.store.tagTc(id, tagRequest.parse(body).tags, by), deps);
}

async function retireTc({ params, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  const { id } = await tcIn(params, deps);
  return changed(await deps.store.retireTc(id, by), deps);
}

function changed(tc: Tc, deps: OperatorDeps): unknown {
  deps.onTcChanged(tc);
  return tcView(tc, deps.online());
}

async function makeToken({ body, by }: Asked, deps: OperatorDeps): Promise<TokenAnswer> {
  const { seat, hours } = tokenRequest.parse(body);
  const token = newToken();
  const expiresAt = Math.round(deps.now() + hours * HOUR);
  await deps.store.addToken({ hash: tokenHash(token), seat, expiresAt }, by);
  return { token, pins: [...deps.pins], expiresAt };
}

async function endSession({ params, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  const id = params['id'] as SessionId;
  const ended = await deps.store.endSession(id, 'ended-by-operator', by);
  if (!ended)
    throw new Fault('session-unknown', 'refused', `there is no live session ${id}`, {
      fields: { session: id },
    });
  deps.onSessionEnded(ended);
  return { id, end: ended.end };
}

async function retireDesktop({ params, by }: Asked, deps: OperatorDeps): Promise<unknown> {
  const wanted = params['id']!;
  const all = await deps.store.desktops();
  const desktop = all.find((d) => d.id === wanted || d.serverName === wanted || String(d.number) === wanted);
  if (!desktop)
    throw new Fault('desktop-unknown', 'refused', `there is no desktop “${wanted}”`, {
      fields: { desktop: wanted },
    });
  const retired = await deps.store.recordDesktop(desktop.id, { kind: 'retire' }, by);
  if (!retired) {
    const who = desktop.session === undefined ? '' : '; end its session first';
    throw new Fault(
      'desktop-in-use',
      'refused',
      `desktop ${desktop.serverName ?? desktop.number} is ${desktop.state} and cannot be retired${who}`,
      {
        fields: { desktop: desktop.id, state: desktop.state },
      },
    );
  }
  deps.lookAtPool(retired.pool);
  return { id: retired.id, state: retired.state };
}

async function backup({ body, by }: Asked, deps: OperatorDeps): Promise<FileAnswer> {
  const answer = await deps.backup(fileRequest.parse(body).file);
  await deps.store.addAudit(by, 'store.backed-up', answer.file, { bytes: answer.bytes });
  return answer;
}

/** The row stands in the store that is replaced, which is kept; the one that takes its place begins with its own. */
async function restore({ body, by }: Asked, deps: OperatorDeps): Promise<FileAnswer> {
  const answer = await deps.restore(fileRequest.parse(body).file);
  await deps.store.addAudit(by, 'store.restore-ordered', answer.file, { bytes: answer.bytes });
  return answer;
}

async function audit({ query }: Asked, deps: OperatorDeps): Promise<AuditAnswer> {
  const { limit, before, subject, verify } = auditQuery.parse(query);
  const rows = await deps.store.audit({ limit, before, subject });
  const verified = verify ? await deps.store.verifyAudit() : undefined;
  return {
    rows: rows.map((row) => ({
      seq: row.seq,
      at: row.at,
      actor: `${row.actor.kind} ${row.actor.name}`,
      act: row.act,
      subject: row.subject,
      details: row.details,
    })),
    ...(verified
      ? {
          verified: {
            rows: verified.rows,
            ...(verified.brokenAt === undefined ? {} : { brokenAt: verified.brokenAt }),
          },
        }
      : {}),
  };
}

function fingerprintIn(params: Record<string, string>): string {
  const typed = params['fingerprint'] ?? '';
  const read = readFingerprint(typed);
  if (read) return read;
  throw new Fault(
    'fingerprint-invalid',
    'refused',
    `“${typed}” is no fingerprint; one looks like K7F2-9QWM-3XTD-0V8N`,
  );
}

async function tcIn(params: Record<string, string>, { store }: OperatorDeps): Promise<Tc> {
  const fingerprint = fingerprintIn(params);
  const tc = await store.tcByFingerprint(fingerprint);
  if (!tc)
    throw new Fault(
      'tc-unknown',
      'refused',
      `no thin client with the fingerprint ${fingerprint} has connected`,
    );
  return tc;
}
