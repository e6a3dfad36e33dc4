/**
 * What a JSON value is made of, its content left out: names and kinds. Strings are told apart by what they look like,
 * so that a time in another form, or an id that is no UUID, is a difference.
 */
export type Shape = string | { [name: string]: Shape } | Shape[];

const LOOKS: readonly [string, RegExp][] = [
  ['empty', /^$/],
  ['uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/],
  ['hex32', /^[0-9a-f]{32}$/],
  ['hex', /^[0-9a-f]{56,}$/],
  ['time Z', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/],
  ['time with microseconds', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/],
  ['time with microseconds Z', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/],
  ['url', /^http:\/\//],
];

/** An array is the kinds of elements that it has, each once. */
export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null';
  if (typeof value === 'string')
    return `string: ${LOOKS.find(([, look]) => look.test(value))?.[0] ?? 'text'}`;
  if (Array.isArray(value)) {
    const kinds = new Map(value.map((item) => [JSON.stringify(shapeOf(item)), shapeOf(item)]));
    return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, shape]) => shape);
  }
  if (typeof value !== 'object') return typeof value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, shapeOf(inner)]));
}

/** Ids of one recording as those of another run: learnt from pairs of answers, used on the next request. */
export class Ids {
  readonly #known = new Map<string, string>();

  set(recorded: string, ours: string): void {
    this.#known.set(recorded, ours);
  }

  /** The text with every id that is known replaced. */
  translate(text: string): string {
    return text.replace(
      /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|r-[a-z0-9]{8}/g,
      (id) => this.#known.get(id) ?? id,
    );
  }

  /** Pairs up ids that stand at the same place in both answers. What is known already stays. */
  learn(recorded: unknown, ours: unknown): void {
    if (typeof recorded === 'string' && typeof ours === 'string') {
      const [a, b] = [idIn(recorded), idIn(ours)];
      if (a !== undefined && b !== undefined && !this.#known.has(a)) this.#known.set(a, b);
    } else if (
      typeof recorded === 'object' &&
      typeof ours === 'object' &&
      recorded !== null &&
      ours !== null
    ) {
      for (const [name, inner] of Object.entries(recorded))
        this.learn(inner, (ours as Record<string, unknown>)[name]);
    }
  }
}

/** The id that a value is, or that a console's URL ends with. */
function idIn(text: string): string | undefined {
  return /^(?:https?:.*token=)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|r-[a-z0-9]{8})$/.exec(text)?.[1];
}
