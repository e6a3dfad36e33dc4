import { MINUTE, SECOND, type Clock, type Log } from '@anyseat/base';
import { isSilenced, keyOf, type Alert, type AlertId, type Condition } from '../domain/alert/alert.ts';
import { ruleOf } from '../domain/alert/alertRules.ts';
import { conditionsOf } from '../domain/alert/conditions.ts';
import type { Evidence, Lines } from '../domain/alert/evidence.ts';
import { planAlerts, type AlertPlan, type Spans } from '../domain/alert/planAlerts.ts';
import { Rounds } from '../reconcile/rounds.ts';
import type { Store } from '../store/store.ts';
import { letterOf, type Sender } from './channel.ts';
import type { Deliveries } from './deliveries.ts';

export interface AlertWatchDeps {
  store: Pick<Store, 'alerts' | 'openAlert' | 'changeAlert' | 'tellAlert' | 'resolveAlert' | 'keepChannels'>;
  gather: () => Promise<Evidence>;
  deliveries: Pick<Deliveries, 'look' | 'channelsFor' | 'cryOut'>;
  /** Names of all channels of hub.yaml. */
  channels: readonly string[];
  lines: Lines;
  /** How many times as long as its rule says something has to be there. */
  patience: number;
  sender: Sender;
  clock: Clock;
  log: Log;
}

const LOOK_EVERY_MS = 15 * SECOND;
/** Figures in the sentences of an alert are written anew no more often. */
const CHANGE_EVERY_MS = MINUTE;

/** Looks at everything every quarter of a minute, and opens, changes and resolves alerts. */
export class AlertWatch implements AsyncDisposable {
  readonly #deps: AlertWatchDeps;
  readonly #rounds: Rounds;
  #spans: Spans = new Map();
  readonly #changedAt = new Map<AlertId, number>();
  /** What was sent past the store. */
  #cried: Alert | undefined;
  #isFirst = true;

  constructor(deps: AlertWatchDeps) {
    this.#deps = deps;
    this.#rounds = new Rounds({
      clock: deps.clock,
      log: deps.log,
      restMs: LOOK_EVERY_MS,
      atOnce: true,
      failed: 'alerts could not be looked at',
      round: () => this.look(),
    });
  }

  start(): void {
    this.#rounds.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  /** One look. */
  async look(): Promise<void> {
    const { store, gather, lines, patience, clock } = this.#deps;
    const seen = await gather();
    const { conditions: all, blind } = conditionsOf(seen, lines);
    // Of a store that cannot write nothing can be kept.
    const conditions = all.filter(({ code }) => code !== 'store-failing');
    await this.#cryOut(
      all.find(({ code }) => code === 'store-failing'),
      seen.now,
    );
    const standing = await store.alerts();
    const plan = planAlerts(standing, { conditions, blind }, this.#spans, {
      now: clock.monotonic(),
      patience,
    });
    this.#spans = plan.spans;
    if (this.#isFirst) await this.#dropOthers();
    await this.#carryOut(plan, standing);
  }

  async #carryOut({ open, change, resolve }: AlertPlan, standing: readonly Alert[]): Promise<void> {
    const { store, deliveries, clock, log } = this.#deps;
    for (const condition of open) {
      const { severity } = ruleOf(condition.code);
      const alert = await store.openAlert({ ...condition, severity }, deliveries.channelsFor(severity));
      if (alert) log.warn({ alert: alert.id, code: alert.code, about: alert.about }, 'an alert opened');
    }
    for (const { alert, fields } of change) {
      if (clock.monotonic() - (this.#changedAt.get(alert.id) ?? -Infinity) < CHANGE_EVERY_MS) continue;
      this.#changedAt.set(alert.id, clock.monotonic());
      await store.changeAlert(alert.id, fields);
    }
    for (const alert of standing)
      if (!alert.told && !isSilenced(alert, clock.now()))
        await store.tellAlert(alert.id, deliveries.channelsFor(alert.severity));
    for (const alert of resolve) {
      this.#changedAt.delete(alert.id);
      await store.resolveAlert(alert.id, deliveries.channelsFor(alert.severity));
      log.info({ alert: alert.id, code: alert.code, about: alert.about }, 'an alert is over');
    }
    if (open.length + resolve.length + standing.length > 0) deliveries.look();
  }

  /** A channel that hub.yaml has no more sends nothing any more. */
  async #dropOthers(): Promise<void> {
    this.#isFirst = false;
    const dropped = await this.#deps.store.keepChannels(this.#deps.channels);
    for (const channel of dropped)
      this.#deps.log.warn(
        { channel },
        'alerts wait for a channel that hub.yaml has no more; they are dropped',
      );
  }

  /** A store that cannot write cannot keep an alert: it is sent past it, once, and once that it is over. */
  async #cryOut(condition: Condition | undefined, now: number): Promise<void> {
    const { deliveries, sender } = this.#deps;
    if (condition && !this.#cried) {
      this.#cried = {
        ...condition,
        id: `alt_${keyOf(condition).replaceAll(/\W/g, '-')}-${Math.floor(now)}` as AlertId,
        severity: ruleOf(condition.code).severity,
        openedAt: now,
        acknowledged: undefined,
        silence: undefined,
        told: true,
        resolvedAt: undefined,
      };
      await deliveries.cryOut(letterOf(this.#cried, 'opened', sender));
    }
    if (!condition && this.#cried) {
      await deliveries.cryOut(letterOf({ ...this.#cried, resolvedAt: now }, 'resolved', sender));
      this.#cried = undefined;
    }
  }
}
