import type { LoginStage } from '@anyseat/protocol';
import { say, type Reader } from '@anyseat/words';
import type { StageDone, Why } from './stages.ts';
import type { StageName } from './scenario.ts';

/**
 * How a round went.
 *
 * - `ok`: all of it, in time.
 * - `slow`: all of it, and a stage took longer than its limit.
 * - `failed`: a stage did not come to its end; whoever logs in at a seat now meets the same.
 * - `unknown`: the robot itself could not do its work (no screen, a bug, stopped): it says nothing about the desktops.
 */
export type Result = 'ok' | 'slow' | 'failed' | 'unknown';

/** As the plugins of Nagios and its heirs end (monitoring-plugins.org, "Plugin Return Codes"). */
export const exitCodes: Readonly<Record<Result, number>> = { ok: 0, slow: 1, failed: 2, unknown: 3 };

/** What a robot prints: one line of JSON. Fields are only ever added; `robot` counts the changes that are not additions. */
export interface Report {
  robot: 1;
  result: Result;
  /** Where it failed, and why: a code of the catalogue and its sentences. */
  stage?: StageName;
  code?: string;
  why?: string;
  next?: string;
  /** Epoch ms. */
  startedAt: number;
  tookMs: number;
  user: string;
  seat?: string;
  site?: string;
  desktop?: string;
  pool?: string;
  session?: string;
  stages: StageDone[];
  /** Of the login, as the hub measured it. */
  hubMs?: Partial<Record<LoginStage, number>>;
  /** From a key to the changed picture. */
  echo?: { letters: number; medianMs: number; slowestMs: number };
}

/** The stages that say more about the robot than about the desktops. */
const OWN: ReadonlySet<string> = new Set(['robot-no-screen', 'robot-no-key', 'robot-stopped', 'robot-bug']);

export function resultOf(stages: readonly StageDone[], why: Why | undefined): Result {
  if (why) return OWN.has(why.code) ? 'unknown' : 'failed';
  return stages.some((stage) => stage.slow) ? 'slow' : 'ok';
}

/** A reason in sentences. */
export function inWords({ code, fields }: Why, reader: Reader): Pick<Report, 'code' | 'why' | 'next'> {
  const { text, next } = say(code, reader, fields);
  return { code, why: text, next };
}

/** The same for people, as a line on standard error. */
export function lineOf(report: Report): string {
  const stages = report.stages.map(({ name, tookMs, ok }) => `${name} ${tookMs} ms${ok ? '' : ' (failed)'}`);
  const head = report.stage === undefined ? report.result : `${report.result} at ${report.stage}`;
  const why = report.why === undefined ? [] : [`${report.why} ${report.next}`];
  return [`${head}:`, ...why, stages.join(', ')].join(' ');
}
