import { Refusal } from '../../model/refusal.ts';
import { json, type ApiAnswer, type AuthedCall, type Call } from '../answer.ts';
import type { ServiceDeps } from '../api.ts';
import { authenticated } from '../authenticate.ts';
import { find, type Route } from '../routes.ts';
import { actionRoutes } from './serverActions.ts';
import { consoleRoutes } from './consoles.ts';
import { createRoutes } from './createServer.ts';
import { flavorRoutes } from './flavors.ts';
import { hostRoutes } from './hosts.ts';
import { instanceActionRoutes } from './instanceActions.ts';
import { limitRoutes } from './limits.ts';
import { metadataRoutes } from './metadata.ts';
import { serverRoutes } from './servers.ts';
import { tagRoutes } from './tags.ts';
import { askedVersion, MAX_MINOR, versionDocument, versionHeaders, versionList } from './versions.ts';

/** A call that Nova has let in: whose it is, and which microversion (2.x) it speaks. */
export interface NovaCall extends AuthedCall {
  minor: number;
  projectId: string;
  /** Parsed; undefined when there was none. */
  body: unknown;
}

export interface NovaDeps extends ServiceDeps {
  /** `http://127.0.0.1:1234/compute`. */
  base(): string;
}

/** The answer's status and body; the frame adds the headers that every answer has. */
export interface NovaAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export type NovaRoute = Route<NovaCall, NovaAnswer>;

/** nova/api/openstack/wsgi.py `Fault._fault_names`; everything else is a computeFault. */
const FAULT_NAME: Record<number, string> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** Nova's REST API v2.1 with microversions. */
export function nova(services: ServiceDeps): (call: Call) => ApiAnswer {
  const deps: NovaDeps = { ...services, base: () => `${services.origin()}/compute` };
  const table: NovaRoute[] = [
    ...serverRoutes(deps),
    ...createRoutes(deps),
    ...actionRoutes(deps),
    ...tagRoutes(deps),
    ...metadataRoutes(deps),
    ...instanceActionRoutes(deps),
    ...consoleRoutes(deps),
    ...flavorRoutes(deps),
    ...limitRoutes(deps),
    ...hostRoutes(deps),
  ];
  return (call) => {
    if (call.path === '/') return json(200, { versions: versionList(deps) });
    const ids = { 'X-Openstack-Request-Id': call.requestId, 'X-Compute-Request-Id': call.requestId };
    if (call.path === '/v2.1' || call.path === '/v2.1/') {
      return json(200, { version: versionDocument(deps) }, { ...versionHeaders('2.1'), ...ids });
    }
    return { ...answered(deps, table, call, ids) };
  };
}

function answered(
  deps: NovaDeps,
  table: readonly NovaRoute[],
  call: Call,
  ids: Record<string, string>,
): ApiAnswer {
  let headers = ids;
  try {
    const token = authenticated(deps, call);
    if (typeof token === 'object' && 'status' in token)
      return { ...token, headers: { ...token.headers, ...ids } };
    const asked = askedVersion(call.request.headers, deps.face);
    const found = find(table, call.request.method, pathOf(call, token.project?.id));
    if (!found || found === 'wrong-method') return lostWay(found === 'wrong-method' ? 405 : 404, ids);
    headers = { ...versionHeaders(asked.text), ...ids };
    const minor = withinReach(asked, deps);
    if (!token.project) throw new Refusal(403, "Policy doesn't allow this call to be performed.");
    const full = {
      ...call,
      params: found.params,
      token,
      minor,
      projectId: token.project.id,
      body: parsed(call),
    };
    const answer = found.route.handle(full);
    const body = answer.body === undefined ? '' : JSON.stringify(answer.body);
    return {
      status: answer.status,
      body,
      headers: { 'Content-Type': 'application/json', ...answer.headers, ...headers },
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refused(deps, error, headers);
  }
}

/** The project may stand in the path, as before 2.18. */
function pathOf(call: Call, projectId: string | undefined): string {
  const path = call.path.replace(/^\/v2\.1/, '').replace(/\/$/, '');
  return projectId !== undefined && path.startsWith(`/${projectId}/`)
    ? path.slice(projectId.length + 1)
    : path;
}

function withinReach(asked: { text: string; minor: number }, deps: NovaDeps): number {
  const most = MAX_MINOR[deps.face];
  if (asked.minor >= 1 && asked.minor <= most) return asked.minor;
  throw new Refusal(
    406,
    `Version ${asked.text} is not supported by the API. Minimum is 2.1 and maximum is 2.${most}.`,
  );
}

function parsed({ request }: Call): unknown {
  if (request.body === '') return undefined;
  try {
    return JSON.parse(request.body);
  } catch {
    throw new Refusal(400, 'Malformed request body');
  }
}

function refused(deps: NovaDeps, { status, message }: Refusal, headers: Record<string, string>): ApiAnswer {
  const fault = { [FAULT_NAME[status] ?? 'computeFault']: { code: status, message } };
  const challenge: Record<string, string> =
    status === 401 ? { 'Www-Authenticate': `Keystone uri="${deps.origin()}/identity/v3"` } : {};
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/json; charset=UTF-8', ...challenge },
    body: JSON.stringify(fault),
  };
}

/** No such path: webob answers, not Nova. */
function lostWay(status: 404 | 405, headers: Record<string, string>): ApiAnswer {
  const title = status === 404 ? 'Not Found' : 'Method Not Allowed';
  const message =
    status === 404
      ? 'The resource could not be found.<br /><br />\n\n\n'
      : 'The method is not allowed for this resource.<br /><br />\n\n\n';
  return json(status, { message, code: `${status} ${title}`, title }, headers);
}

/** @throws Refusal 403, in the words of Nova's policy. */
export function adminOnly(call: NovaCall, rule: string): void {
  if (!call.token.isAdmin)
    throw new Refusal(403, `Policy doesn't allow os_compute_api:${rule} to be performed.`);
}

/** A path that a microversion does not have yet. @throws Refusal 404. */
export function since(call: NovaCall, minor: number, until = Infinity): void {
  if (call.minor < minor || call.minor > until) throw new Refusal(404, 'The resource could not be found.');
}

export const callerOf = (call: NovaCall) => ({
  userId: call.token.user.id,
  projectId: call.projectId,
  isAdmin: call.token.isAdmin,
  requestId: call.requestId,
});
