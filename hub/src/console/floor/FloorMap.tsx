import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Button, useComputedColorScheme } from '@mantine/core';
import type { FloorSeat, SeatState } from '@anyseat/protocol';
import { useConsole } from '../context.ts';
import { layOut } from './layOut.ts';
import { paint, type Picture, type View } from './paint.ts';
import { stateNames } from './states.ts';
import type { FloorSeen } from './useFloor.ts';
import { useMapHands } from './useMapHands.ts';
import { centred, fitted, isSeen, neighbour, seatAt, zoomed } from './viewMoves.ts';

interface MapProps {
  floor: FloorSeen;
  shown: ReadonlySet<SeatState> | undefined;
  found: ReadonlySet<string> | undefined;
  notes: ReadonlyMap<string, string>;
  chosen: string | undefined;
  onChoose: (seat: string | undefined) => void;
}

/** So close that a label can be read. */
const READABLE = 36;
const KEYS: Readonly<Record<string, { dx: number; dy: number }>> = {
  ArrowLeft: { dx: -1, dy: 0 },
  ArrowRight: { dx: 1, dy: 0 },
  ArrowUp: { dx: 0, dy: -1 },
  ArrowDown: { dx: 0, dy: 1 },
};

/** The map of all seats, on a canvas. What is drawn is kept in refs, so that panning runs no React. */
export function FloorMap({ floor, shown, found, notes, chosen, onChoose }: MapProps) {
  const { t } = useConsole();
  const scheme = useComputedColorScheme('light');
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [hovered, setHovered] = useState<{ seat: FloorSeat; x: number; y: number }>();
  const isWide = size.width > size.height;
  const layout = useMemo(
    () => layOut(floor, isWide ? 1.9 : 0.9),
    // oxlint-disable-next-line react/exhaustive-deps -- the seats' states do not move them
    [floor.era, isWide],
  );
  const view = useRef<View>({ x: 0, y: 0, scale: 1 });
  const picture = useRef<Picture>(undefined);
  const frame = useRef(0);
  const least = useRef(1);

  const draw = useCallback(() => {
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      const pen = canvas.current?.getContext('2d');
      if (!pen || !picture.current) return;
      const dots = window.devicePixelRatio;
      pen.setTransform(dots, 0, 0, dots, 0, 0);
      paint(pen, picture.current, view.current, {
        width: canvas.current!.width / dots,
        height: canvas.current!.height / dots,
      });
    });
  }, []);
  const look = useCallback(
    (next: View) => {
      view.current = next;
      draw();
    },
    [draw],
  );
  const fit = useCallback(() => look(fitted(layout, size)), [layout, size, look]);

  useLayoutEffect(() => {
    const own = canvas.current!;
    const watch = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      own.width = Math.round(width * window.devicePixelRatio);
      own.height = Math.round(height * window.devicePixelRatio);
      setSize({ width, height });
    });
    watch.observe(own);
    return () => watch.disconnect();
  }, []);
  useLayoutEffect(() => {
    if (size.width === 0) return;
    least.current = Math.min(4, fitted(layout, size).scale * 0.6);
    fit();
  }, [layout, size, fit]);
  useLayoutEffect(() => {
    picture.current = { layout, seats: floor.seats, scheme, shown, chosen, found, notes };
    draw();
  }, [layout, floor, scheme, shown, chosen, found, notes, draw]);
  useEffect(() => {
    const spot = chosen === undefined ? undefined : layout.spots.get(chosen);
    if (spot && size.width > 0 && !isSeen(view.current, spot, size))
      look(centred(view.current, spot, size, READABLE));
  }, [chosen, layout, size, look]);

  const byName = useMemo(() => new Map(floor.seats.map((seat) => [seat.name, seat])), [floor]);
  const zoom = (times: number) =>
    look(zoomed(view.current, { x: size.width / 2, y: size.height / 2 }, times, least.current));
  useMapHands(canvas, {
    pan: (dx, dy) => {
      const { x, y, scale } = view.current;
      setHovered(undefined);
      look({ scale, x: x - dx / scale, y: y - dy / scale });
    },
    zoom: (at, times) => look(zoomed(view.current, at, times, least.current)),
    press: (at) => onChoose(seatAt(layout, view.current, at)),
    hover: (at) => {
      const name = at && seatAt(layout, view.current, at);
      const seat = name === undefined ? undefined : byName.get(name);
      setHovered(seat && at ? { seat, ...at } : undefined);
    },
  });
  const onKey = (event: React.KeyboardEvent) => {
    const way = KEYS[event.key];
    if (way) {
      const next = chosen === undefined ? [...layout.spots.keys()][0] : neighbour(layout, chosen, way);
      if (next !== undefined) onChoose(next);
    } else if (event.key === '+' || event.key === '=') zoom(1.4);
    else if (event.key === '-') zoom(1 / 1.4);
    else if (event.key === '0') fit();
    else if (event.key === 'Escape') onChoose(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div className="map">
      <canvas
        ref={canvas}
        className="map-canvas"
        role="application"
        tabIndex={0}
        aria-label={t('mapLabel', { count: floor.seats.length })}
        onKeyDown={onKey}
      />
      <div className="map-buttons">
        <Button size="compact-sm" variant="default" onClick={fit}>
          {t('fit')}
        </Button>
        <Button size="compact-sm" variant="default" aria-label={t('zoomIn')} onClick={() => zoom(1.5)}>
          +
        </Button>
        <Button size="compact-sm" variant="default" aria-label={t('zoomOut')} onClick={() => zoom(1 / 1.5)}>
          −
        </Button>
      </div>
      {hovered && (
        <div
          className="map-tip"
          style={{
            left: Math.min(hovered.x + 14, size.width - 230),
            top: Math.min(hovered.y + 14, size.height - 80),
          }}
        >
          <strong>{hovered.seat.label}</strong> · {t(stateNames[hovered.seat.state])}
          {hovered.seat.displayName !== undefined && <div>{hovered.seat.displayName}</div>}
          {hovered.seat.desktop !== undefined && <div>{hovered.seat.desktop}</div>}
        </div>
      )}
    </div>
  );
}
