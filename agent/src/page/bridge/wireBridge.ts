import type { Bridge, Intent, PageState, ToPage } from '../../common/bridge.ts';

const FIRST_PAUSE_MS = 200;
const MOST_PAUSE_MS = 2000;

/** A WebSocket to the agent on loopback, made again whenever it is lost: an agent that restarts finds its page waiting. */
export function openWireBridge(url: string): Bridge {
  const hearers = new Set<(state: PageState | undefined) => void>();
  let state: PageState | undefined;
  let socket: WebSocket;
  let pauseMs = FIRST_PAUSE_MS;

  const tell = (next: PageState | undefined) => {
    state = next;
    for (const hear of hearers) hear(next);
  };

  const connect = () => {
    socket = new WebSocket(url);
    socket.addEventListener('message', ({ data }) => {
      pauseMs = FIRST_PAUSE_MS;
      tell((JSON.parse(String(data)) as ToPage).state);
    });
    socket.addEventListener('close', () => {
      tell(undefined);
      setTimeout(connect, pauseMs);
      pauseMs = Math.min(MOST_PAUSE_MS, pauseMs * 2);
    });
  };
  connect();

  return {
    listen(hear) {
      hearers.add(hear);
      hear(state);
      return () => hearers.delete(hear);
    },
    send(intent: Intent) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(intent));
    },
  };
}
