import { useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useElementSize } from '@mantine/hooks';
import type { PeopleDayAnswer } from '@anyseat/protocol';
import type { ConsoleKey } from '@anyseat/words';
import { useConsole } from '../context.ts';
import { Failed, Loading } from '../parts/Looks.tsx';
import { useLook } from '../useLook.ts';
import { useNow } from '../useNow.ts';
import { pathOf, scaleOf, stairsOf, type Frame } from './curves.ts';

const HIGH = 240;
const QUARTER = 15 * 60_000;

const lines = [
  { key: 'usual', of: (day: PeopleDayAnswer) => day.usual },
  { key: 'loggedIn', of: (day: PeopleDayAnswer) => day.loggedIn },
  { key: 'active', of: (day: PeopleDayAnswer) => day.active },
] as const satisfies readonly { key: ConsoleKey; of: (day: PeopleDayAnswer) => (number | null)[] }[];

/** Over a day: who is expected, who was there, who worked, and how it is as a rule. */
export function DayChart({ path, title }: { path: string; title: string }) {
  const { value: day, failed } = useLook<PeopleDayAnswer>(path, ['resources']);
  if (!day) return failed ? <Failed failed={failed} /> : <Loading />;
  return <Chart day={day} title={title} />;
}

function Chart({ day, title }: { day: PeopleDayAnswer; title: string }) {
  const { t } = useConsole();
  const { ref, width } = useElementSize();
  const now = useNow();
  const [at, setAt] = useState<number>();
  const count = day.moments.length;
  const current = Math.floor((now - day.moments[0]!) / QUARTER);
  const seen = Math.min(count - 1, Math.max(0, at ?? current));
  const frame: Frame = { width: Math.max(320, width), height: HIGH, left: 44, right: 8, top: 8, bottom: 22 };
  const across = frame.width - frame.left - frame.right;
  const onPointer = (event: PointerEvent<SVGSVGElement>) => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - frame.left;
    setAt(Math.min(count - 1, Math.max(0, Math.floor((x / across) * count))));
  };
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: 4, PageDown: -4 }[event.key];
    if (event.key === 'Escape') setAt(undefined);
    if (step === undefined) return;
    event.preventDefault();
    setAt(Math.min(count - 1, Math.max(0, seen + step)));
  };
  return (
    <figure className="day" ref={ref}>
      <figcaption className="day-head">
        <span className="day-time">{`${title} · ${day.date} ${clockAt(day, seen)}`}</span>
        <Reading name="expected" value={day.expected[seen] ?? 0} />
        {lines.map(({ key, of }) => (
          <Reading key={key} name={key} value={of(day)[seen] ?? null} />
        ))}
      </figcaption>
      <svg
        className="day-chart"
        width={frame.width}
        height={frame.height}
        role="slider"
        tabIndex={0}
        aria-label={t('dayChart', { name: title })}
        aria-valuemin={0}
        aria-valuemax={count - 1}
        aria-valuenow={seen}
        aria-valuetext={`${clockAt(day, seen)}: ${t('expected')} ${day.expected[seen]}, ${t('loggedIn')} ${day.loggedIn[seen] ?? '–'}`}
        onPointerMove={onPointer}
        onPointerLeave={() => setAt(undefined)}
        onKeyDown={onKey}
      >
        <Curves day={day} frame={frame} seen={seen} now={current} />
      </svg>
    </figure>
  );
}

function Reading({ name, value }: { name: ConsoleKey; value: number | null }) {
  const { t } = useConsole();
  return (
    <span className="day-reading">
      <svg width={22} height={10} aria-hidden>
        {name === 'expected' ? (
          <rect width={22} height={10} className="curve-expected" />
        ) : (
          <path d="M0 5H22" className={`curve-${name}`} />
        )}
      </svg>
      {t(name)} <b>{value ?? '–'}</b>
    </span>
  );
}

function Curves({
  day,
  frame,
  seen,
  now,
}: {
  day: PeopleDayAnswer;
  frame: Frame;
  seen: number;
  now: number;
}) {
  const { width, height, left, right, top, bottom } = frame;
  const count = day.moments.length;
  const { most, marks } = scaleOf([...day.expected, ...lines.flatMap(({ of }) => of(day))]);
  const x = (i: number) => left + (i / count) * (width - left - right);
  const y = (value: number) => height - bottom - (value / most) * (height - top - bottom);
  const place = (i: number, value: number) => [x(i), y(value)] as const;
  return (
    <>
      {marks.map((mark) => (
        <g key={mark}>
          <path d={`M${left} ${y(mark)}H${width - right}`} className="day-grid" />
          <text x={left - 6} y={y(mark) + 4} textAnchor="end" className="day-text">
            {mark}
          </text>
        </g>
      ))}
      {day.moments.map((_, i) =>
        i % 12 === 0 ? (
          <text key={day.moments[i]} x={x(i)} y={height - 6} textAnchor="middle" className="day-text">
            {clockAt(day, i)}
          </text>
        ) : null,
      )}
      <path d={stairsOf(day.expected, place)} className="curve-expected" />
      {lines.map(({ key, of }) => (
        <path key={key} d={pathOf(of(day), place)} className={`curve-${key}`} />
      ))}
      {now >= 0 && now < count && (
        <path d={`M${x(now + 0.5)} ${top}V${height - bottom}`} className="day-now" />
      )}
      <path d={`M${x(seen)} ${top}V${height - bottom}`} className="day-seen" />
    </>
  );
}

/** By the clock on the wall of the site. */
const clockAt = ({ moments, timeZone }: PeopleDayAnswer, i: number): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(moments[i]);
