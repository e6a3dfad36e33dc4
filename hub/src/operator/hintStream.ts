import type { FastifyInstance, FastifyRequest } from 'fastify';
import { SECOND, type Clock } from '@anyseat/base';
import { PAGE_POLICY } from '@anyseat/base/builtPage';
import { API_PREFIX, type Hint } from '@anyseat/protocol';
import type { ConsoleSessions } from './consoleSessions.ts';
import type { Hints } from './hints.ts';

interface StreamOptions {
  hints: Hints;
  sessions: ConsoleSessions;
  clock: Clock;
  secretOf: (request: FastifyRequest) => string | undefined;
}

/** Below what proxies take for dead; and how often a session is asked whether it is still one. */
const BEAT = 15 * SECOND;
/** How long a page whose session is over has to take the last of it. */
const LAST_WORDS = 5 * SECOND;
const MOST_STREAMS = 100;
/** A page that takes no hints is hung up; it comes back and looks at everything. */
const MOST_BUFFERED = 64 * 1024;

/** `GET /events`: hints as server-sent events (HTML Living Standard, 9.2), for as long as the session lasts. */
export function serveHints(server: FastifyInstance, options: StreamOptions): void {
  const { hints, sessions, clock, secretOf } = options;
  let streams = 0;
  server.get(`${API_PREFIX}/events`, (request, reply) => {
    if (streams >= MOST_STREAMS)
      return reply.code(503).send({ error: { code: 'too-many-pages', message: 'too many pages are open' } });
    streams += 1;
    const secret = secretOf(request);
    reply.hijack();
    const out = reply.raw;
    out.writeHead(200, {
      ...PAGE_POLICY,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    // A line that breaks is told by its close.
    out.on('error', () => undefined);
    const listening = new DisposableStack();
    const say = (text: string) => {
      if (out.writableLength > MOST_BUFFERED) out.destroy();
      else out.write(text);
    };
    /** Nothing is said any more; whoever does not take what was said is cut off. */
    const hangUp = () => {
      if (listening.disposed) return;
      listening.dispose();
      out.end();
      const cut = clock.after(LAST_WORDS, () => out.destroy());
      out.once('close', () => cut[Symbol.dispose]());
    };
    let beat: Disposable;
    const beatAgain = () => {
      beat = clock.after(BEAT, () => {
        if (!sessions.operator(secret)) return hangUp();
        say(':\n\n');
        beatAgain();
      });
    };
    beatAgain();
    listening.defer(() => beat[Symbol.dispose]());
    // The first one, so that the page knows that it hears.
    say('retry: 2000\n\n: hello\n\n');
    listening.use(hints.listen((kinds) => say(`data: ${JSON.stringify({ kinds } satisfies Hint)}\n\n`)));
    listening.use(sessions.onEnd(secret, hangUp));
    out.once('close', () => {
      streams -= 1;
      listening.dispose();
    });
    return reply;
  });
}
