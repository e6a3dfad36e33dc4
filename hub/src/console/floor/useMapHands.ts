import { useEffect, useRef, type RefObject } from 'react';

interface At {
  x: number;
  y: number;
}

export interface MapHands {
  pan: (dx: number, dy: number) => void;
  zoom: (at: At, times: number) => void;
  press: (at: At) => void;
  /** Nowhere: undefined. */
  hover: (at: At | undefined) => void;
}

/** A press that moved further than this was a pull. */
const STILL = 5;

/** Mouse, wheel, trackpad and fingers on the map: one pulls, two pull and pinch. */
export function useMapHands(on: RefObject<HTMLElement | null>, hands: MapHands): void {
  const now = useRef(hands);
  useEffect(() => {
    now.current = hands;
  });
  useEffect(() => {
    const element = on.current!;
    const stop = new AbortController();
    const listen = <K extends keyof HTMLElementEventMap>(
      name: K,
      hear: (event: HTMLElementEventMap[K]) => void,
    ) => element.addEventListener(name, hear, { signal: stop.signal, passive: false });
    const down = new Map<number, At>();
    let from: At | undefined;
    const at = ({ clientX, clientY }: MouseEvent): At => {
      const box = element.getBoundingClientRect();
      return { x: clientX - box.left, y: clientY - box.top };
    };
    const span = () => {
      const [a, b] = [...down.values()];
      return a && b
        ? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, far: Math.hypot(a.x - b.x, a.y - b.y) }
        : undefined;
    };
    listen('wheel', (event) => {
      event.preventDefault();
      now.current.zoom(at(event), Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0015)));
    });
    listen('pointerdown', (event) => {
      element.setPointerCapture(event.pointerId);
      down.set(event.pointerId, at(event));
      from = down.size === 1 ? at(event) : undefined;
    });
    listen('pointermove', (event) => {
      const here = at(event);
      const before = down.get(event.pointerId);
      if (!before) return now.current.hover(here);
      const two = span();
      down.set(event.pointerId, here);
      const then = span();
      if (two && then) {
        now.current.pan(then.x - two.x, then.y - two.y);
        if (two.far > 0) now.current.zoom(then, then.far / two.far);
        return undefined;
      }
      if (from && Math.hypot(here.x - from.x, here.y - from.y) < STILL) return undefined;
      from = undefined;
      return now.current.pan(here.x - before.x, here.y - before.y);
    });
    const up = (event: PointerEvent) => {
      down.delete(event.pointerId);
      if (from && event.type === 'pointerup') now.current.press(at(event));
      from = undefined;
    };
    listen('pointerup', up);
    listen('pointercancel', up);
    listen('pointerleave', () => now.current.hover(undefined));
    return () => stop.abort();
  }, [on]);
}
