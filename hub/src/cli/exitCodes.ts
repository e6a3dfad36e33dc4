/** How the command ends, for scripts; `anyseat --help` says the same in words. */
export const exitCode = {
  /** It is done. */
  done: 0,
  /** The hub refused, or a file could not be read: the sentence is on standard error. */
  refused: 1,
  /** The hub does not answer. */
  noHub: 2,
  /** `diff` found differences. */
  different: 3,
  /** The command was not typed as it must be (sysexits.h EX_USAGE). */
  usage: 64,
  /** A fault of this program (EX_SOFTWARE). */
  fault: 70,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** Ends the command with a sentence on standard error. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly code: ExitCode;
  /** What is wrong with a file, each with its place: shown line by line before the sentence. */
  readonly problems: readonly string[];
  /** What the hub answered, where it did: `--json` shows it as it is. */
  readonly answer: unknown;

  constructor(
    code: ExitCode,
    message: string,
    more: { problems?: readonly string[]; answer?: unknown } = {},
  ) {
    super(message);
    this.code = code;
    this.problems = more.problems ?? [];
    this.answer = more.answer;
  }
}
