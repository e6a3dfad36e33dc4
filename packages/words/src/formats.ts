import type { Language } from './language.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** From here on a time of day alone would be read as today's. */
const SAME_DAY = 12 * HOUR;

/** A wait as people say it, rounded up so that it is not over before it was promised: `about 3 minutes`. */
export function waitWords(ms: number, language: Language): string {
  const zh = language === 'zh-CN';
  if (ms <= MINUTE) return zh ? '不到一分钟' : 'less than a minute';
  const minutes = Math.ceil(ms / MINUTE);
  if (minutes < 90) return zh ? `约 ${minutes} 分钟` : `about ${minutes} minutes`;
  const hours = Math.round(ms / HOUR);
  if (hours < 48) return zh ? `约 ${hours} 小时` : `about ${hours} hours`;
  const days = Math.round(hours / 24);
  return zh ? `约 ${days} 天` : `about ${days} days`;
}

/** What is left, counted down: `4:32`, `1:04:32`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [first, ...rest] = parts[0] === 0 ? parts.slice(1) : parts;
  return [String(first), ...rest.map((part) => String(part).padStart(2, '0'))].join(':');
}

/**
 * A moment as somebody at the site reads it: the time of day, with the date when it is not about now.
 *
 * @param at epoch ms
 * @param timeZone the site's, IANA; the machine's own when absent
 */
export function momentWords(
  at: number,
  language: Language,
  where: { now: number; timeZone?: string | undefined },
): string {
  const far = Math.abs(at - where.now) > SAME_DAY;
  return new Intl.DateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(far ? { day: 'numeric', month: 'long' } : {}),
    ...zone(where.timeZone),
  }).format(at);
}

/** A time zone as an Intl option; nothing where it is not given or this machine does not know it. */
export function zone(timeZone: string | undefined): { timeZone?: string } {
  if (timeZone === undefined) return {};
  try {
    Intl.DateTimeFormat('en', { timeZone });
    return { timeZone };
  } catch {
    return {};
  }
}
