/** One way in which a desktop is swapped under its person. */
export interface Scenario {
  by: 'operator' | 'person' | 'rule';
  /** Whether the old one belonged to its person. */
  whose: 'pooled' | 'bound';
  /** Whether another one stands ready, or has to be made first. */
  ready: boolean;
}

export const scenarios: readonly Scenario[] = (['operator', 'person', 'rule'] as const).flatMap((by) =>
  (['pooled', 'bound'] as const).flatMap((whose) =>
    [true, false].map((ready): Scenario => ({ by, whose, ready })),
  ),
);
