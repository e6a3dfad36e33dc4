import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { CloudCredentials } from '@anyseat/openstack';

const credential = z.object({ application_credential: z.object({ id: z.string(), secret: z.string() }) });
const who = z.object({ token: z.object({ user: z.object({ id: z.string() }) }) });

/** An application credential of a person with a password, as `openstack application credential create` makes one. */
export async function credentialOf(
  owner: CloudCredentials,
): Promise<{ credentials: CloudCredentials; takeBack: () => Promise<void> }> {
  if (owner.auth.kind !== 'password') throw new Error('only a password may make credentials');
  const { user, password, project } = owner.auth;
  const identity = { methods: ['password'], password: { user: { ...user, password: password() } } };
  const login = await keystone(owner, 'POST', '/auth/tokens', {
    auth: { identity, scope: { project: project } },
  });
  const token = login.headers.get('x-subject-token')!;
  const { id: userId } = who.parse(await login.json()).token.user;
  const folder = `/users/${userId}/application_credentials`;
  const body = { application_credential: { name: `for-a-test-${randomUUID()}` } };
  const made = await keystone(owner, 'POST', folder, body, token);
  const { id, secret } = credential.parse(await made.json()).application_credential;
  const auth = { kind: 'applicationCredential', credential: { id }, secret: () => secret } as const;
  return {
    credentials: { ...owner, auth },
    takeBack: async () => void (await keystone(owner, 'DELETE', `${folder}/${id}`, undefined, token)),
  };
}

async function keystone(
  { authUrl }: CloudCredentials,
  method: string,
  path: string,
  body: unknown,
  token?: string,
): Promise<Response> {
  const answer = await fetch(`${authUrl.replace(/\/v3\/?$/, '')}/v3${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { 'x-auth-token': token }),
    },
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
