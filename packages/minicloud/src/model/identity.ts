import type { Clock } from '@anyseat/base';
import type { Chance } from './chance.ts';
import type { Faults } from './faults.ts';
import type { ApplicationCredential, Installation, Named, User } from './installation.ts';
import { badRequest, notFound, Refusal } from './refusal.ts';

/** Who speaks, and what for. */
export interface Token {
  /** What stands in X-Auth-Token. */
  secret: string;
  auditId: string;
  methods: string[];
  user: User;
  /** The application credential it was got with. */
  credential: Named | undefined;
  /** Absent: unscoped; such a token opens nothing but Keystone. */
  project: Named | undefined;
  roles: Named[];
  isAdmin: boolean;
  issuedAt: number;
  expiresAt: number;
  /** When a service last asked Keystone about it; services remember the answer for a while. */
  validatedAt: number;
}

/** keystonemiddleware `token_cache_time`. */
const REMEMBERED_MS = 300_000;
/** Expired tokens are forgotten once there are this many. */
const SWEEP_AT = 1000;

const unauthorized = (message = 'The request you have made requires authentication.') =>
  new Refusal(401, message);

type Reference = { id?: string; name?: string; domain?: { id?: string; name?: string } };

interface AuthBody {
  auth?: {
    identity?: {
      methods?: string[];
      password?: { user?: Reference & { password?: string } };
      application_credential?: { id?: string; name?: string; secret?: string; user?: Reference };
    };
    scope?: { project?: Reference } | 'unscoped';
  };
}

/** Keystone: who may speak, for which project, and for how long. */
export class Identity {
  readonly #installation: Installation;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #faults: Faults;
  readonly #lifetimeMs: number;
  readonly #tokens = new Map<string, Token>();

  constructor(deps: {
    installation: Installation;
    clock: Clock;
    chance: Chance;
    faults: Faults;
    tokenSeconds: number;
  }) {
    this.#installation = deps.installation;
    this.#clock = deps.clock;
    this.#chance = deps.chance;
    this.#faults = deps.faults;
    this.#lifetimeMs = deps.tokenSeconds * 1000;
  }

  /** @throws Refusal 400, 401, or 404 for an application credential nobody knows (as Keystone 22 says it). */
  authenticate(body: unknown): Token {
    const auth = (body as AuthBody | null)?.auth;
    if (!auth) throw badRequest("'auth' is a required property");
    if (!auth.identity) throw badRequest("'identity' is a required property");
    if (!Array.isArray(auth.identity.methods)) throw badRequest("'methods' is a required property");
    const [method] = auth.identity.methods;
    if (method === 'password') return this.#byPassword(auth);
    if (method === 'application_credential') return this.#byCredential(auth);
    throw unauthorized();
  }

  /** The token that a service was shown. @throws Refusal 401, or 503 while Keystone is away and cannot be asked. */
  bearer(secret: string | undefined): Token {
    const token = secret === undefined ? undefined : this.#tokens.get(secret);
    const now = this.#clock.now();
    const away = this.#faults.on('keystone-down') !== undefined;
    if (away && !(token && now - token.validatedAt < REMEMBERED_MS))
      throw new Refusal(503, 'Service Unavailable');
    if (!token || token.expiresAt <= now) throw unauthorized();
    if (!away) token.validatedAt = now;
    return token;
  }

  /** A token somebody asks Keystone about. @throws Refusal 404. */
  validate(secret: string | undefined): Token {
    const token = secret === undefined ? undefined : this.#tokens.get(secret);
    if (!token || token.expiresAt <= this.#clock.now()) throw notFound('Failed to validate token');
    return token;
  }

  revoke(secret: string | undefined): void {
    this.#tokens.delete(this.validate(secret).secret);
  }

  /** Every token that is out is refused from now on, as after a rotation of Keystone's keys. */
  expireAll(): void {
    this.#tokens.clear();
  }

  projectsOf(user: User): Named[] {
    return this.#installation.projects.filter((project) => user.roles[project.id]);
  }

  #byPassword(auth: NonNullable<AuthBody['auth']>): Token {
    const given = auth.identity?.password?.user;
    if (!given) throw badRequest("'password' is a required property");
    const user = this.#installation.users.find((u) => isMeant(u, given));
    if (!user || user.password !== given.password) throw unauthorized();
    const wanted = typeof auth.scope === 'object' ? auth.scope.project : undefined;
    if (!wanted) return this.#issue('password', user, undefined, []);
    const project = this.#installation.projects.find((p) => isMeant(p, wanted));
    const roles = project && user.roles[project.id];
    if (!roles) throw unauthorized();
    return this.#issue('password', user, project, roles);
  }

  #byCredential(auth: NonNullable<AuthBody['auth']>): Token {
    const given = auth.identity?.application_credential;
    if (!given) throw badRequest("'application_credential' is a required property");
    const credential = this.#installation.credentials.find((c) => {
      if (given.id !== undefined) return c.id === given.id;
      const owner = this.#installation.users.find((u) => u.id === c.userId);
      return c.name === given.name && owner && given.user && isMeant(owner, given.user);
    });
    if (!credential) throw notFound(`Could not find Application Credential: ${given.id ?? given.name}.`);
    if (credential.secret !== given.secret) throw unauthorized();
    if (auth.scope !== undefined) {
      throw unauthorized(
        'Error authenticating with application credential: Application credentials cannot request a scope.',
      );
    }
    const user = this.#installation.users.find((u) => u.id === credential.userId)!;
    const project = this.#installation.projects.find((p) => p.id === credential.projectId);
    return this.#issue('application_credential', user, project, credential.roles, credential);
  }

  #issue(
    method: string,
    user: User,
    project: Named | undefined,
    roleNames: readonly string[],
    credential?: ApplicationCredential,
  ): Token {
    const now = this.#clock.now();
    if (this.#tokens.size >= SWEEP_AT) this.#sweep(now);
    const token: Token = {
      secret: `gAAAAAB${this.#chance.letters(176)}`,
      auditId: this.#chance.letters(22),
      methods: [method],
      user,
      credential,
      project,
      roles: this.#installation.roles.filter((role) => roleNames.includes(role.name)),
      isAdmin: roleNames.includes('admin'),
      issuedAt: now,
      expiresAt: Math.floor((now + this.#lifetimeMs) / 1000) * 1000,
      validatedAt: now,
    };
    this.#tokens.set(token.secret, token);
    return token;
  }

  #sweep(now: number): void {
    for (const [secret, token] of this.#tokens) if (token.expiresAt <= now) this.#tokens.delete(secret);
  }
}

/** By id, or by name in the one domain there is. */
function isMeant(thing: Named, reference: Reference): boolean {
  if (reference.id !== undefined) return thing.id === reference.id;
  const domain = reference.domain;
  const inDomain = domain?.id === 'default' || (domain?.id === undefined && domain?.name === 'Default');
  return thing.name === reference.name && inDomain;
}
