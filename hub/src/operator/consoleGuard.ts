/** What a request says of itself, as far as it matters to whether it is let in. */
export interface Coming {
  method: string;
  host: string | undefined;
  origin: string | undefined;
  /** `Sec-Fetch-Site`: what the browser knows of where it comes from (Fetch Metadata, W3C). */
  fetchSite: string | undefined;
  contentType: string | undefined;
}

/** Why a request is not let in, for the answer's status and for the log. */
export interface Refusal {
  status: 403 | 415 | 421;
  code: 'foreign-host' | 'foreign-origin' | 'not-json';
  message: string;
}

/** Names of this machine that no name server can give to somebody else. A tunnel may come with any port. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/**
 * A page of somebody else's in the same browser can send requests here, and a name of theirs can be made to lead here. So the
 * name that is asked for must be ours (`Host`), whatever changes something must come from our own page (`Origin`), and
 * what is read must not be asked for by another page (`Sec-Fetch-Site`; `Origin` where there is one).
 *
 * @param origins besides loopback, such as `https://console.call.example`
 */
export function refusalOf(coming: Coming, origins: readonly string[]): Refusal | undefined {
  const own = ownOrigins(coming.host, origins);
  if (own.length === 0)
    return { status: 421, code: 'foreign-host', message: 'this is not an address of the console' };
  const { origin, fetchSite } = coming;
  const writes = coming.method !== 'GET' && coming.method !== 'HEAD';
  const foreign =
    (origin === undefined ? writes : !own.includes(origin)) ||
    fetchSite === 'cross-site' ||
    fetchSite === 'same-site';
  if (foreign)
    return { status: 403, code: 'foreign-origin', message: 'only the console’s own page may ask this' };
  if (writes && !/^application\/json(;|$)/i.test(coming.contentType ?? ''))
    return { status: 415, code: 'not-json', message: 'what is sent must be JSON' };
  return undefined;
}

/** The origins that a page has which was served under this name. */
function ownOrigins(host: string | undefined, origins: readonly string[]): string[] {
  if (host === undefined) return [];
  const behindProxy = origins
    .map((one) => new URL(one))
    .filter((one) => one.host === host)
    .map((one) => one.origin);
  return LOOPBACK.test(host) ? [`http://${host}`, ...behindProxy] : behindProxy;
}
