/** The stages of a login, those that took a moment, the longest first: `desktop 3.2 s · viewer 0.8 s`. */
export function stagesText(stages: Readonly<Record<string, number>>): string {
  const all = Object.entries(stages).sort(([, a], [, b]) => b - a);
  const total = all.reduce((sum, [, ms]) => sum + ms, 0);
  if (all.length === 0) return '';
  const told = all.filter(([, ms]) => ms >= 10).slice(0, 4);
  return [seconds(total), ...told.map(([name, ms]) => `${name} ${seconds(ms)}`)].join(' · ');
}

/** All stages of a login together, in milliseconds. */
export const wholeOf = (stages: Readonly<Record<string, number>>): number =>
  Object.values(stages).reduce((sum, ms) => sum + ms, 0);

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
