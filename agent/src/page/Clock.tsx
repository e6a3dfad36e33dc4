import { zone } from '@anyseat/words';
import { useNow } from './useNow.ts';
import { useWords } from './words.ts';

/** The hub's time, as the clock on the wall of this site shows it. */
export function Clock({ offsetMs, timeZone }: { offsetMs: number; timeZone: string | undefined }) {
  const { language } = useWords().reader;
  const now = useNow() + offsetMs;
  const time = new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...zone(timeZone),
  });
  const date = (parts: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...parts, ...zone(timeZone) }).format(now);
  const [weekday, day] = [date({ weekday: 'long' }), date({ day: 'numeric', month: 'long' })];
  return (
    <div className="clock">
      <p className="clock-time">{time.format(now)}</p>
      <p className="clock-date">{language === 'zh-CN' ? `${day} ${weekday}` : `${weekday}, ${day}`}</p>
    </div>
  );
}
