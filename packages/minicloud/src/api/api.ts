import type { Clock, Log } from '@anyseat/base';
import type { Face } from '../options.ts';
import type { Cloud } from '../model/cloud.ts';
import type { Consoles } from '../model/consoles.ts';
import type { Where } from '../model/faults.ts';
import type { Identity } from '../model/identity.ts';
import type { ServiceType } from '../model/installation.ts';
import { adminService } from './admin.ts';
import type { ApiAnswer, ApiRequest, Call, Outcome } from './answer.ts';
import { glance } from './glance.ts';
import { keystone, PREFIX } from './keystone.ts';
import { neutron } from './neutron.ts';
import { nova } from './nova/nova.ts';
import { placement } from './placement.ts';

export interface ApiDeps {
  cloud: Cloud;
  identity: Identity;
  consoles: Consoles;
  face: Face;
  maxLimit: number;
  log: Log;
}

/** Everything that services have in common to answer with. */
export interface ServiceDeps extends ApiDeps {
  origin(): string;
}

type Service = (call: Call) => ApiAnswer;

/** The proxy's pages, as HAProxy writes them. */
const PAGE: Record<number, string> = {
  429: 'Too Many Requests',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Time-out',
};

/**
 * All services behind one origin, told apart by the path's first part. It is a function from a request to what becomes
 * of it: the listener is a thin shell around it, and a simulation calls it with no network at all.
 */
export class Api {
  /** As links and the catalog name it. */
  origin = 'http://minicloud.test';
  readonly #cloud: Cloud;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #services: Record<ServiceType, Service>;
  readonly #admin: Service;

  constructor(deps: ApiDeps) {
    const all: ServiceDeps = { ...deps, origin: () => this.origin };
    this.#cloud = deps.cloud;
    this.#clock = deps.cloud.clock;
    this.#log = deps.log;
    const { identity, cloud } = deps;
    this.#services = {
      identity: keystone({ identity, installation: cloud.installation, origin: () => this.origin }),
      compute: nova(all),
      network: neutron(all),
      image: glance(all),
      placement: placement(all),
    };
    this.#admin = adminService(all);
  }

  async handle(request: ApiRequest): Promise<Outcome> {
    const at = request.url.indexOf('?');
    const path = at < 0 ? request.url : request.url.slice(0, at);
    const query = new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1));
    const requestId = `req-${this.#cloud.chance.uuid()}`;
    const call = { request, query, params: {}, requestId };
    if (path.startsWith('/minicloud/'))
      return this.#answer(this.#admin, { ...call, path: path.slice('/minicloud'.length) });
    for (const [type, prefix] of Object.entries(PREFIX) as [ServiceType, string][]) {
      if (path !== prefix && !path.startsWith(`${prefix}/`)) continue;
      return this.#serve(type, { ...call, path: path.slice(prefix.length) || '/' });
    }
    return {
      status: 404,
      headers: { 'Content-Type': 'text/plain' },
      body: 'No service of minicloud is here.\n',
    };
  }

  async #serve(type: ServiceType, call: Call): Promise<Outcome> {
    const instead = await this.#mishap(type, call);
    if (instead) return instead;
    const answer = this.#answer(this.#services[type], call);
    const created = type === 'compute' && isCreate(call) && answer.status < 300;
    const lost = created ? this.#cloud.faults.take('create-lost') : undefined;
    if (lost?.how === 'error')
      return unexpected(call.requestId, "<class 'oslo_messaging.exceptions.MessagingTimeout'>");
    return lost ? lost.how : answer;
  }

  #answer(service: Service, call: Call): ApiAnswer {
    try {
      return service(call);
    } catch (error) {
      this.#log.error({ err: error, method: call.request.method, path: call.path }, 'a bug of minicloud');
      return unexpected(call.requestId, `<class 'minicloud'>: ${String(error)}`);
    }
  }

  /** What happens to the call instead, by the switches that are on. */
  async #mishap(type: ServiceType, call: Call): Promise<Outcome | undefined> {
    const { faults } = this.#cloud;
    const here = (params: { on?: Where }) => concerns(params.on, type, call);
    const slow = faults.take('slow', here);
    // `after`, not `sleep`: a call that is late keeps nobody from ending.
    if (slow) await new Promise<void>((resolve) => void this.#clock.after(slow.ms, resolve));
    if (faults.take('hang', here)) return 'hang';
    if (faults.take('reset', here)) return 'reset';
    if (type === 'identity' && faults.on('keystone-down')) return 'reset';
    if (type === 'network' && faults.on('neutron-down')) return 'reset';
    const html = faults.take('html-error', here);
    if (html) return page(html.status);
    const many = faults.take('too-many-requests', here);
    if (many)
      return page(429, many.retryAfter === undefined ? {} : { 'Retry-After': String(many.retryAfter) });
    const any = faults.take('answer', here);
    return any && { status: any.status, headers: any.headers ?? {}, body: any.body ?? '' };
  }
}

const isCreate = ({ request, path }: Call): boolean => request.method === 'POST' && path === '/v2.1/servers';

function concerns(on: Where | undefined, type: ServiceType, { request, path }: Call): boolean {
  if (!on) return true;
  if (on.service !== undefined && on.service !== type) return false;
  if (on.method !== undefined && on.method !== request.method) return false;
  return on.path === undefined || new RegExp(on.path).test(path);
}

function page(status: number, headers: Record<string, string> = {}): ApiAnswer {
  const title = `${status} ${PAGE[status]}`;
  const body = `<html><body><h1>${title}</h1>\nNo server is available to handle this request.\n</body></html>\n`;
  return { status, headers: { 'Content-Type': 'text/html', 'Cache-Control': 'no-cache', ...headers }, body };
}

/** Nova's answer to what it did not expect. */
function unexpected(requestId: string, what: string): ApiAnswer {
  const message =
    'Unexpected API Error. Please report this at http://bugs.launchpad.net/nova/ and attach the Nova API log if ' +
    `possible.\n${what}`;
  return {
    status: 500,
    headers: { 'Content-Type': 'application/json; charset=UTF-8', 'X-Openstack-Request-Id': requestId },
    body: JSON.stringify({ computeFault: { code: 500, message } }),
  };
}
