import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { MINUTE, messageOf } from '@anyseat/base';
import { API_PREFIX, type ApiFailure } from '@anyseat/protocol';
import { exitCode, Stop } from './exitCodes.ts';

/** The hub gives up after a minute by itself; a backup of a large store may take longer. */
const PATIENCE_MS = 10 * MINUTE;

/**
 * The operators' API over the hub's Unix socket.
 * Every method @throws Stop: `refused` with the hub's own sentence, `noHub` when nothing fit to be a hub answers.
 */
export class HubApi {
  readonly socket: string;

  constructor(socket: string) {
    this.socket = socket;
  }

  get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    const said = Object.entries(query).flatMap(([key, value]): [string, string][] =>
      value === undefined ? [] : [[key, String(value)]],
    );
    const search = new URLSearchParams(said).toString();
    return this.#ask<T>('GET', search === '' ? path : `${path}?${search}`, undefined);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.#ask<T>('POST', path, JSON.stringify(body));
  }

  async #ask<T>(method: string, path: string, body: string | undefined): Promise<T> {
    let status: number;
    let said: string;
    try {
      const answer = await this.#send(method, path, body);
      status = answer.statusCode ?? 0;
      said = await text(answer);
    } catch (error) {
      throw new Stop(exitCode.noHub, whyNoHub(error, this.socket));
    }
    const read = parsed(said);
    if (typeof read !== 'object' || read === null || status < 200)
      throw new Stop(exitCode.noHub, notAHub(this.socket));
    if (status < 300) return read as T;
    throw refused(read, status);
  }

  #send(method: string, path: string, body: string | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({
        socketPath: this.socket,
        method,
        path: API_PREFIX + path,
        agent: false,
        // The hub's server asks for one (RFC 9112 3.2); a socket's path is none.
        headers: { host: 'hub', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        timeout: PATIENCE_MS,
      });
      asked.once('response', resolve);
      asked.once('error', reject);
      asked.once('timeout', () =>
        asked.destroy(new Error(`it said nothing for ${PATIENCE_MS / MINUTE} minutes`)),
      );
      asked.end(body);
    });
  }
}

function parsed(said: string): unknown {
  try {
    return JSON.parse(said) as unknown;
  } catch {
    return undefined;
  }
}

/** The hub's sentence; of a file with problems, each of them with its place. */
function refused(answer: unknown, status: number): Stop {
  const { error } = answer as Partial<ApiFailure>;
  if (typeof error?.message !== 'string')
    return new Stop(exitCode.refused, `the hub refused, with status ${status} and no reason`, { answer });
  const placed = error.problems?.filter((problem) => problem.where !== 'request') ?? [];
  if (placed.length === 0) return new Stop(exitCode.refused, error.message, { answer });
  const problems = placed.map(({ where, path, text }) => `${where}: ${path ? `${path}: ` : ''}${text}`);
  return new Stop(exitCode.refused, `${error.message.split('\n')[0]}; nothing was changed`, {
    problems,
    answer,
  });
}

const START = 'Start it (npm start in a clone, systemctl start anyseat-hub on a server)';
const OTHER = 'or name its socket: --socket PATH, or ANYSEAT_SOCKET';

const notAHub = (socket: string): string => `what answers on ${socket} is no hub of Anyseat`;

function whyNoHub(error: unknown, socket: string): string {
  const says = (what: string, then: string) => `no hub answers on ${socket}: ${what}\n${then}`;
  const { code } = error as NodeJS.ErrnoException;
  // Node's HTTP parser: not HTTP at all.
  if (code?.startsWith('HPE_')) return notAHub(socket);
  switch (code) {
    case 'ENOENT':
      return says('there is no such socket.', `${START}, ${OTHER}.`);
    case 'ECONNREFUSED':
      return says('the hub that had this socket is not running.', `${START}, ${OTHER}.`);
    case 'EACCES':
    case 'EPERM':
      return says(
        'you may not open it.',
        'It is for root and for the account that the hub runs as: try with sudo.',
      );
    case 'ENOTSOCK':
    case 'ENOTDIR':
    case 'EINVAL':
    case 'ENAMETOOLONG':
      return says('that is no socket.', `Name the hub's socket: --socket PATH, or ANYSEAT_SOCKET.`);
    case 'ECONNRESET':
    case 'EPIPE':
      return says(
        'it stopped before it had answered.',
        'Whether it did what you asked is not known: anyseat status and anyseat audit will tell.',
      );
    case undefined:
    default:
      return says(`${messageOf(error)}.`, `Is it running? ${START}.`);
  }
}
