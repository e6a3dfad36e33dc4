import { SERVICES, type Installation, type ServiceType } from '../model/installation.ts';
import type { Identity, Token } from '../model/identity.ts';
import { Refusal } from '../model/refusal.ts';
import { empty, isoMicros, json, type ApiAnswer, type Call } from './answer.ts';
import { find, route } from './routes.ts';

export interface KeystoneDeps {
  identity: Identity;
  installation: Installation;
  /** `http://127.0.0.1:1234`, once it is known. */
  origin(): string;
}

/** Where each service is, below the origin: one port, a prefix each, as DevStack has it. */
export const PREFIX: Record<ServiceType, string> = {
  identity: '/identity',
  compute: '/compute',
  network: '/network',
  image: '/image',
  placement: '/placement',
};

/** What the catalog says of each; Nova's has its version, Neutron's, Glance's and Placement's have none. */
const CATALOG_PATH: Record<ServiceType, string> = {
  ...PREFIX,
  identity: '/identity/v3',
  compute: '/compute/v2.1',
};

const SERVICE_NAME: Record<ServiceType, string> = {
  network: 'neutron',
  identity: 'keystone',
  compute: 'nova',
  image: 'glance',
  placement: 'placement',
};

const TITLE: Record<number, string> = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' };

/** Keystone v3, as far as clients with a password or an application credential use it. */
export function keystone(deps: KeystoneDeps): (call: Call) => ApiAnswer {
  const table = [
    route('GET /', () => versions(deps.origin())),
    route('GET /v3', () => json(200, { version: version(deps.origin()) })),
    route('POST /v3/auth/tokens', (call: Call) => issue(deps, call)),
    route('GET /v3/auth/tokens', (call: Call) => validate(deps, call)),
    route('HEAD /v3/auth/tokens', (call: Call) => validate(deps, call)),
    route('DELETE /v3/auth/tokens', (call: Call) => {
      bearer(deps, call);
      deps.identity.revoke(call.request.headers['x-subject-token']);
      return empty(204);
    }),
    route('GET /v3/auth/catalog', (call: Call) => {
      const { project } = bearer(deps, call);
      if (!project)
        throw new Refusal(
          403,
          'You are not authorized to perform the requested action: identity:get_auth_catalog.',
        );
      const self = `${deps.origin()}/identity/v3/auth/catalog`;
      return json(200, { catalog: catalog(deps), links: { self } });
    }),
    route('GET /v3/auth/projects', (call: Call) => projects(deps, call)),
  ];
  return (call) => {
    const headers = { Vary: 'X-Auth-Token', 'x-openstack-request-id': call.requestId };
    try {
      const found = find(
        table,
        call.request.method,
        call.path.length > 1 ? call.path.replace(/\/$/, '') : call.path,
      );
      if (found === 'wrong-method')
        throw new Refusal(405, 'The method is not allowed for the requested URL.');
      if (!found) throw new Refusal(404, 'The requested URL was not found on the server.');
      const answer = found.route.handle({ ...call, params: found.params });
      return { ...answer, headers: { ...answer.headers, ...headers } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return refusal(deps, error, headers);
    }
  };
}

function refusal(deps: KeystoneDeps, error: Refusal, headers: Record<string, string>): ApiAnswer {
  const { status, message } = error;
  const challenge = { 'WWW-Authenticate': `Keystone uri="${deps.origin()}/identity/v3"` };
  const title = TITLE[status] ?? 'Error';
  // Keystone's own refusals of an authentication method carry what the method had to say: nothing.
  const identity = message.startsWith('Error authenticating') ? { identity: {} } : {};
  return json(
    status,
    { error: { code: status, ...identity, message, title } },
    status === 401 ? { ...challenge, ...headers } : headers,
  );
}

function issue(deps: KeystoneDeps, call: Call): ApiAnswer {
  let body: unknown;
  try {
    body = JSON.parse(call.request.body);
  } catch {
    throw new Refusal(400, 'The request body is not valid JSON.');
  }
  const token = deps.identity.authenticate(body);
  return json(201, tokenBody(deps, token, call), { 'X-Subject-Token': token.secret });
}

function validate(deps: KeystoneDeps, call: Call): ApiAnswer {
  bearer(deps, call);
  const token = deps.identity.validate(call.request.headers['x-subject-token']);
  return json(200, tokenBody(deps, token, call), { 'X-Subject-Token': token.secret });
}

function projects(deps: KeystoneDeps, call: Call): ApiAnswer {
  const { user } = bearer(deps, call);
  const self = `${deps.origin()}/identity/v3/auth/projects`;
  const rows = deps.identity.projectsOf(user).map(({ id, name }) => ({
    id,
    name,
    domain_id: 'default',
    description: '',
    enabled: true,
    parent_id: 'default',
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${deps.origin()}/identity/v3/projects/${id}` },
  }));
  return json(200, { projects: rows, links: { next: null, self, previous: null } });
}

const bearer = (deps: KeystoneDeps, call: Call): Token =>
  deps.identity.bearer(call.request.headers['x-auth-token']);

function tokenBody(deps: KeystoneDeps, token: Token, call: Call): object {
  const domain = { id: 'default', name: 'Default' };
  const { id, name } = token.user;
  const scoped = token.project && {
    project: { domain, id: token.project.id, name: token.project.name },
    is_domain: false,
    roles: token.roles,
    ...(!call.query.has('nocatalog') && { catalog: catalog(deps) }),
  };
  return {
    token: {
      methods: token.methods,
      user: { domain, id, name, password_expires_at: null },
      audit_ids: [token.auditId],
      expires_at: `${isoMicros(token.expiresAt)}Z`,
      issued_at: `${isoMicros(token.issuedAt)}Z`,
      ...scoped,
      ...(token.credential && {
        application_credential: { id: token.credential.id, name: token.credential.name, restricted: true },
      }),
    },
  };
}

function catalog(deps: KeystoneDeps): object[] {
  const { installation } = deps;
  return SERVICES.map((type) => {
    const [id, ...endpointIds] = installation.catalogIds[type]!;
    const endpoints = (['admin', 'public', 'internal'] as const).map((face, i) => ({
      id: endpointIds[i],
      interface: face,
      region_id: installation.region,
      url: `${deps.origin()}${CATALOG_PATH[type]}`,
      region: installation.region,
    }));
    return { endpoints, id, type, name: SERVICE_NAME[type] };
  });
}

const version = (origin: string) => ({
  id: 'v3.14',
  status: 'stable',
  updated: '2020-04-07T00:00:00Z',
  links: [{ rel: 'self', href: `${origin}/identity/v3/` }],
  'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
});

function versions(origin: string): ApiAnswer {
  return json(300, { versions: { values: [version(origin)] } }, { Location: `${origin}/identity/v3/` });
}
