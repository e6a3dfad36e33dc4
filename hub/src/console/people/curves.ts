/** Where a chart has its things, in pixels. */
export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A round number above all of these, and the marks below it. */
export function scaleOf(values: readonly (number | null)[]): { most: number; marks: number[] } {
  const highest = Math.max(1, ...values.map((value) => value ?? 0));
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? 10 * power);
  const most = Math.ceil(highest / step) * step;
  return { most, marks: Array.from({ length: Math.round(most / step) + 1 }, (_, i) => i * step) };
}

/** The path of a curve; where nobody counted it has a gap. */
export function pathOf(
  values: readonly (number | null)[],
  place: (i: number, value: number) => readonly [x: number, y: number],
): string {
  let pen = 'M';
  return values
    .map((value, i) => {
      if (value === null) {
        pen = 'M';
        return '';
      }
      const [x, y] = place(i, value);
      const part = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = 'L';
      return part;
    })
    .join('');
}

/** The same as stairs down to the ground, to be filled: who is expected is so for the whole quarter of an hour. */
export function stairsOf(
  values: readonly number[],
  place: (i: number, value: number) => readonly [x: number, y: number],
): string {
  if (values.length === 0) return '';
  const steps = values.map((value, i) => {
    const [[x, y], [next]] = [place(i, value), place(i + 1, value)];
    return `L${x.toFixed(1)} ${y.toFixed(1)}H${next.toFixed(1)}`;
  });
  const [first] = place(0, 0);
  const [last, ground] = place(values.length, 0);
  return `M${first.toFixed(1)} ${ground.toFixed(1)}${steps.join('')}L${last.toFixed(1)} ${ground.toFixed(1)}Z`;
}
