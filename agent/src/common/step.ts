import { onFrame } from './onFrame.ts';
import { onIntent } from './onIntent.ts';
import { onLink, onTick } from './onLink.ts';
import { onViewer } from './onViewer.ts';
import type { Seat, SeatEvent, Stepped, World } from './seat.ts';

/** One event, the new state and what to do. Pure; an event that does not fit the state changes nothing. */
export function step(seat: Seat, event: SeatEvent, world: World): Stepped {
  switch (event.kind) {
    case 'link':
      return onLink(seat, event.news, world);
    case 'frame':
      return onFrame(seat, event.frame, world);
    case 'intent':
      return onIntent(seat, event.intent, world);
    case 'viewer':
      return { seat: onViewer(seat, event.run, event.news, world), effects: [] };
    case 'tick':
      return onTick(seat, world);
    default:
      return event satisfies never;
  }
}
