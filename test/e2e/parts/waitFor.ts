/** Looks again and again until there is something to see; a bound, never a guess at how long it takes. */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  withinMs = 90_000,
): Promise<T> {
  const until = performance.now() + withinMs;
  let last: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false && seen !== null) return seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      throw new Error(
        `waited ${withinMs} ms for ${what}, in vain`,
        last === undefined ? undefined : { cause: last },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
