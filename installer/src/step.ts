/** One thing that must hold on a machine, and how it is brought about. Safe to run any number of times. */
export interface Step {
  /** For people, as what is being done: `install slapd`. */
  name: string;
  /** Does it hold already? */
  check(): Promise<boolean>;
  /** Brings it about. Throws a sentence when it cannot. */
  apply(): Promise<void>;
}

/** Runs what does not hold yet, in order. The first that cannot be brought about ends it. */
export async function runSteps(steps: readonly Step[], say: (line: string) => void): Promise<void> {
  for (const step of steps) {
    if (await step.check()) continue;
    say(step.name);
    await step.apply();
  }
}
