import type { Auth, Named } from './credentials.ts';
import { authValue, neededAuth, problem, textValue, type Reading } from './reading.ts';

/** How a token is to be asked for; undefined when something is missing, which is then among the problems. */
export function readAuth(reading: Reading): Auth | undefined {
  const kind = textValue(reading, 'auth_type') ?? textValue(reading, 'auth_plugin');
  const hasCredential =
    authValue(reading, 'application_credential_id') !== undefined ||
    authValue(reading, 'application_credential_name') !== undefined;
  if (kind === 'v3applicationcredential' || (hasCredential && authValue(reading, 'password') === undefined)) {
    return applicationCredential(reading);
  }
  if (kind === undefined || kind === 'password' || kind === 'v3password') return password(reading);
  problem(
    reading,
    'auth_type',
    `${kind} is not supported; password, v3password and v3applicationcredential are`,
  );
  return undefined;
}

function password(reading: Reading): Auth | undefined {
  for (const key of ['system_scope', 'trust_id'] as const) {
    if (authValue(reading, key) !== undefined)
      problem(reading, `auth.${key}`, 'is not supported: the token must be for one project');
  }
  const user = named(reading, 'user', 'user_id', 'username');
  const word = neededAuth(reading, 'password', 'or use an application credential');
  const project = named(reading, 'project', 'project_id', 'project_name');
  if (!user || word === undefined || !project) return undefined;
  return { kind: 'password', user, password: () => word, project };
}

function applicationCredential(reading: Reading): Auth | undefined {
  const word = neededAuth(
    reading,
    'application_credential_secret',
    'it is shown once, when the credential is made',
  );
  const secret = () => word ?? '';
  const id = authValue(reading, 'application_credential_id');
  const name = authValue(reading, 'application_credential_name');
  if (id !== undefined)
    return word === undefined ? undefined : { kind: 'applicationCredential', credential: { id }, secret };
  if (name === undefined) {
    problem(reading, 'auth.application_credential_id', 'is missing, and so is application_credential_name');
    return undefined;
  }
  const user = named(reading, 'user', 'user_id', 'username');
  if (!user || word === undefined) return undefined;
  return { kind: 'applicationCredential', credential: { name, user }, secret };
}

function named(
  reading: Reading,
  what: 'user' | 'project',
  idKey: 'user_id' | 'project_id',
  nameKey: 'username' | 'project_name',
): Named | undefined {
  const id = authValue(reading, idKey);
  if (id !== undefined) return { id };
  const name = authValue(reading, nameKey);
  const domain = domainOf(reading, what);
  if (name === undefined) problem(reading, `auth.${nameKey}`, `is missing, and so is ${idKey}`);
  else if (!domain) problem(reading, `auth.${what}_domain_name`, 'is missing; on most clouds it is Default');
  return name !== undefined && domain ? { name, domain } : undefined;
}

function domainOf(reading: Reading, what: 'user' | 'project'): { id: string } | { name: string } | undefined {
  const id = authValue(reading, `${what}_domain_id`) ?? authValue(reading, 'domain_id');
  if (id !== undefined) return { id };
  const name = authValue(reading, `${what}_domain_name`) ?? authValue(reading, 'domain_name');
  if (name !== undefined) return { name };
  const fallback = textValue(reading, 'default_domain_id') ?? textValue(reading, 'default_domain');
  return fallback === undefined ? undefined : { id: fallback };
}
