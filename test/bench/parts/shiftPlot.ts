import type { Started } from './shiftModel.ts';

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [760, 400, 60, 40, 20];
const COLOURS = ['#b04a3a', '#c49a2a', '#3a6ea5', '#2a8a5a'];

/** People with a desktop over time, one line a rule, as SVG. */
export function shiftPlot(runs: readonly (readonly [string, Started])[]): string {
  const most = Math.max(...runs.map(([, run]) => run.servedByMinute.at(-1)!));
  const minutes = Math.max(...runs.map(([, run]) => run.servedByMinute.length - 1));
  const x = (minute: number) => LEFT + ((WIDTH - LEFT - 20) * minute) / minutes;
  const y = (people: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * people) / most;
  const lines = runs.map(([name, { servedByMinute }], i) => {
    const points = servedByMinute.map((n, minute) => `${x(minute).toFixed(1)},${y(n).toFixed(1)}`).join(' ');
    const colour = COLOURS[i % COLOURS.length]!;
    return (
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points}"/>\n` +
      `<text x="${WIDTH - 230}" y="${HEIGHT - BOTTOM - 90 + 18 * i}" fill="${colour}">${name}</text>`
    );
  });
  const ticks = Array.from({ length: Math.floor(minutes / 10) + 1 }, (_, i) => i * 10).map(
    (minute) => `<text x="${x(minute)}" y="${HEIGHT - 18}" text-anchor="middle">${minute}</text>`,
  );
  const levels = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(most * share).toFixed(1);
    return (
      `<line x1="${LEFT}" x2="${WIDTH - 20}" y1="${at}" y2="${at}" stroke="#ddd"/>` +
      `<text x="${LEFT - 8}" y="${Number(at) + 4}" text-anchor="end">${Math.round(most * share)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...levels,
    ...ticks,
    ...lines,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 4}" text-anchor="middle">minutes since the first arrival: people with a desktop</text>`,
    '</svg>\n',
  ].join('\n');
}
