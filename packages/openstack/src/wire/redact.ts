const MOST_CHARACTERS = 400;

/**
 * A service's own words, fit for a log: no token, password or user data, on one line, 400 characters at most. Nova's schema
 * errors repeat the whole value they refuse ("Invalid input for field/attribute server. Value: {… user_data …}"), so that
 * part goes first.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length > 3) clean = clean.replaceAll(secret, '[secret]');
  }
  clean = clean
    .replace(/\bValue: [\s\S]*?(?=\. (?=[^.]*$)|$)/, 'Value: […]')
    .replace(
      /\b(token|password|adminPass|secret|user_data)(["']?\s*[=:]\s*["']?)[^\s"'&,}]+/gi,
      '$1$2[secret]',
    )
    .replace(/\bgAAAA[\w-]{20,}={0,2}/g, '[secret]')
    .replace(/[A-Za-z0-9+/_-]{80,}={0,2}/g, '[…]')
    .replace(/\s+/g, ' ')
    .trim();
  return clean.length <= MOST_CHARACTERS ? clean : `${clean.slice(0, MOST_CHARACTERS - 1)}…`;
}

/** A page meant for browsers, as the words in it: its title, else its text. */
export function wordsOfPage(html: string): string {
  const title = /<title[^>]*>([\s\S]*?)<\/title>/i.exec(html)?.[1];
  return (title ?? html.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}
