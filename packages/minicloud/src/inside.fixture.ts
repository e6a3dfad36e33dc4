import type { ApiAnswer } from './api/answer.ts';
import { FakeHypervisor } from './hypervisor/fake.ts';
import { openCloud, type OpenCloud } from './openCloud.ts';
import type { MinicloudOptions } from './options.ts';
import { VirtualClock } from './virtualClock.fixture.ts';

/** A server as the API shows it, as far as tests look. */
export interface Shown {
  id: string;
  name: string;
  status: string;
  tags: string[];
  metadata: Record<string, string>;
  hostId: string;
  addresses: Record<string, { addr: string }[]>;
  fault?: { code: number; message: string; details?: string };
  'OS-EXT-STS:task_state': string | null;
  'OS-EXT-STS:vm_state': string;
  'OS-EXT-SRV-ATTR:host'?: string | null;
  [other: string]: unknown;
}

/** A cloud in virtual time, spoken to through its API with no network. */
export class Inside implements Disposable {
  readonly clock: VirtualClock;
  readonly fake = new FakeHypervisor();
  readonly open: OpenCloud;
  readonly #tokens = new Map<string, string>();

  constructor(options: MinicloudOptions = {}, clock = new VirtualClock()) {
    this.clock = clock;
    this.open = openCloud({ seed: 7, timings: { jitter: 0 }, ...options, clock }, this.fake);
  }

  [Symbol.dispose](): void {
    this.open[Symbol.dispose]();
  }

  /** `method path` as this user; rejects what is no answer. */
  async ask(what: string, body?: unknown, as = 'hub', version = '2.90'): Promise<ApiAnswer> {
    const [method = '', url = ''] = what.split(' ');
    const outcome = await this.open.api.handle({
      method,
      url,
      headers: { 'x-auth-token': await this.#token(as), 'openstack-api-version': `compute ${version}` },
      body: body === undefined ? '' : JSON.stringify(body),
    });
    if (typeof outcome === 'string') throw new Error(outcome);
    return outcome;
  }

  /** The body of an answer that is none of refusal. */
  async get<T>(url: string, as = 'hub', version = '2.90'): Promise<T> {
    const { status, body } = await this.ask(`GET ${url}`, undefined, as, version);
    if (status >= 300) throw new Error(`${status} ${body}`);
    return JSON.parse(body) as T;
  }

  /** Nova's words of refusal. */
  async refusal(what: string, body?: unknown, as = 'hub', version = '2.90'): Promise<string> {
    const answer = await this.ask(what, body, as, version);
    const [name, fault] = Object.entries(JSON.parse(answer.body) as Record<string, { message: string }>)[0]!;
    return `${answer.status} ${name}: ${fault.message}`;
  }

  order(server: object): object {
    const { installation } = this.open;
    return {
      server: {
        flavorRef: installation.flavors[0]!.id,
        imageRef: installation.images[0]!.id,
        networks: [{ uuid: installation.networks[0]!.id }],
        ...server,
      },
    };
  }

  async create(server: object, as = 'hub'): Promise<string> {
    const { status, body } = await this.ask('POST /compute/v2.1/servers', this.order(server), as);
    if (status !== 202) throw new Error(`${status} ${body}`);
    return (JSON.parse(body) as { server: Shown }).server.id;
  }

  /** Created, and waited for until nothing more happens. */
  async running(server: object): Promise<string> {
    const id = await this.create(server);
    await this.clock.pass(60_000);
    return id;
  }

  async show(id: string, as = 'hub', version = '2.90'): Promise<Shown> {
    return (await this.get<{ server: Shown }>(`/compute/v2.1/servers/${id}`, as, version)).server;
  }

  async list(query = '', as = 'hub', version = '2.90'): Promise<Shown[]> {
    return (await this.get<{ servers: Shown[] }>(`/compute/v2.1/servers/detail${query}`, as, version))
      .servers;
  }

  act(id: string, body: object, as = 'hub', version = '2.90'): Promise<ApiAnswer> {
    return this.ask(`POST /compute/v2.1/servers/${id}/action`, body, as, version);
  }

  async #token(user: string): Promise<string> {
    const known = this.#tokens.get(user);
    if (known !== undefined) return known;
    const token = this.open.identity.authenticate({
      auth: {
        identity: {
          methods: ['password'],
          password: { user: { name: user, domain: { id: 'default' }, password: 'minicloud' } },
        },
        scope: { project: { name: user === 'tinyuser' ? 'tiny' : 'desktops', domain: { id: 'default' } } },
      },
    });
    this.#tokens.set(user, token.secret);
    return token.secret;
  }

  forgetTokens(): void {
    this.#tokens.clear();
  }
}
