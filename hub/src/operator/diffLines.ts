/** What differs between two plain values, one line a field: `floor: 3 → 5`, `tags.row: + "1"`, `title: - "Old"`. */
export function diffLines(before: unknown, after: unknown, path = ''): string[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => diffLines(before[key], after[key], path ? `${path}.${key}` : key));
  }
  const [was, is] = [text(before), text(after)];
  if (was === is) return [];
  const name = path ? `${path}: ` : '';
  if (was === undefined) {
    return isRecord(after)
      ? Object.entries(after).flatMap(([k, v]) => diffLines(undefined, v, path ? `${path}.${k}` : k))
      : [`${name}+ ${is}`];
  }
  if (is === undefined) {
    return isRecord(before)
      ? Object.entries(before).flatMap(([k, v]) => diffLines(v, undefined, path ? `${path}.${k}` : k))
      : [`${name}- ${was}`];
  }
  return [`${name}${was} → ${is}`];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** With the keys in order, so that the same value has the same text. */
function text(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
