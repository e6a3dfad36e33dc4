import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, type Document, type ErrorCode } from 'yaml';
import type { z } from 'zod';
import { allowedKeys } from './allowedKeys.ts';
import { Fault, messageOf } from './faults.ts';
import { issueText } from './issueText.ts';
import { meant } from './nearest.ts';

/** One thing wrong with a file of settings or resources: where it stands, and what to do about it. */
export interface Problem {
  /** `hub.yaml:12:5` where the place is known, else the file's name. */
  where: string;
  /** `listen.port`; empty for the file as a whole. */
  path: string;
  text: string;
}

export class ConfigFault extends Fault {
  readonly problems: readonly Problem[];
  constructor(file: string, problems: readonly Problem[]) {
    super('config-invalid', 'terminal', formatProblems(file, problems), {
      fields: { file, problems: problems.length },
    });
    this.problems = problems;
  }
}

/** The exit code of a process whose settings are wrong (sysexits.h EX_CONFIG). */
export const EXIT_CONFIG = 78;

export function formatProblems(file: string, problems: readonly Problem[]): string {
  const head = problems.length === 1 ? `${file}: 1 problem` : `${file}: ${problems.length} problems`;
  return [head, ...problems.map((p) => `  ${p.where}: ${p.path ? `${p.path}: ` : ''}${p.text}`)].join('\n');
}

/** A YAML text as plain data, with the place of every value kept for the messages. */
export interface ParsedYaml {
  data: unknown;
  /** `file:line:column` of the value at this path, or of its nearest parent that stands in the file. */
  placeOf(path: readonly PropertyKey[]): string;
}

/** Where the library speaks of YAML's grammar, and most who write it do not. */
const SYNTAX: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'this name stands here for the second time; each may stand once',
  BAD_INDENT: 'does not stand below the lines that it belongs to: indent it as they are',
  TAB_AS_INDENT: 'is indented with a tab: YAML takes blanks only',
};

/** One bracket too many makes as many errors as there are lines after it. */
const MOST_SYNTAX_ERRORS = 20;

/** @throws ConfigFault with the first twenty syntax errors of the text (a duplicate key is one). */
export function parseYaml(text: string, file: string): ParsedYaml {
  const lines = new LineCounter();
  const document: Document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // No warnings of the library's own on our standard error.
    logLevel: 'error',
  });
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, MOST_SYNTAX_ERRORS).map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { where: `${file}:${line}:${col}`, path: '', text: SYNTAX[error.code] ?? error.message };
    });
    const more = document.errors.length - problems.length;
    throw new ConfigFault(
      file,
      more > 0 ? [...problems, { where: file, path: '', text: `and ${more} more` }] : problems,
    );
  }
  const placeOf = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) {
        const { line, col } = lines.linePos(range[0]);
        return `${file}:${line}:${col}`;
      }
    }
    return file;
  };
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ConfigFault(file, [{ where: file, path: '', text: messageOf(error) }]);
  }
  return { data, placeOf };
}

/** Checks plain data against a schema. All problems at once. */
export function checkConfig<S extends z.ZodType>(schema: S, yaml: ParsedYaml, file: string): z.output<S> {
  const result = schema.safeParse(yaml.data ?? {});
  if (result.success) return result.data;
  throw new ConfigFault(file, problemsOf(result.error, yaml, schema));
}

/**
 * Every issue of a zod error as a sentence with its place; with the schema, also with the names that are known there, and with
 * the data what to write instead.
 */
export function problemsOf(
  error: z.ZodError,
  yaml: Pick<ParsedYaml, 'placeOf'> & Partial<Pick<ParsedYaml, 'data'>>,
  schema?: z.core.$ZodType,
): Problem[] {
  // What is wrong with a name makes much else seem so: what is said of the whole is said when the names are right.
  const misspelt = new Set(
    error.issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => pathText(path)),
  );
  return error.issues.flatMap((issue): Problem[] => {
    if (issue.code === 'custom' && misspelt.has(pathText(issue.path))) return [];
    if (issue.code === 'unrecognized_keys') {
      const known = schema ? allowedKeys(schema, issue.path) : [];
      return issue.keys.map((key) => ({
        where: yaml.placeOf([...issue.path, key]),
        path: pathText([...issue.path, key]),
        text: `no such setting${meant(key, known, 'Known here')}`,
      }));
    }
    return [
      {
        where: yaml.placeOf(issue.path),
        path: pathText(issue.path),
        text: issueText(issue, yaml.data, (path) => (schema ? allowedKeys(schema, path) : [])),
      },
    ];
  });
}

/** @throws ConfigFault when the file cannot be read, parsed or does not fit its schema. */
export function loadConfig<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigFault(file, [{ where: file, path: '', text: `cannot be read: ${messageOf(error)}` }]);
  }
  return checkConfig(schema, parseYaml(text, file), file);
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? String(part) : `.${String(part)}`))
    .join('');
}
