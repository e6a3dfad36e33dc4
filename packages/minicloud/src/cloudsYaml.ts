import type { Installation } from './model/installation.ts';
import { USERS } from './model/installation.ts';

/**
 * The standard clouds.yaml: `minicloud` (a member), `minicloud-broker` (a member whom policy lets look up consoles) and
 * `minicloud-admin`, each by password, and by application credential with `-app` at the end. JSON is YAML.
 */
export function cloudsYaml(installation: Installation, authUrl: string): string {
  const project = installation.projects[0]!;
  const common = { region_name: installation.region, interface: 'public', identity_api_version: 3 };
  const byPassword = (name: string) => {
    const user = installation.users.find((u) => u.name === name)!;
    const auth = {
      auth_url: authUrl,
      username: user.name,
      password: user.password,
      project_name: project.name,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    };
    return { auth, ...common };
  };
  const byCredential = (name: string) => {
    const { id, secret } = installation.credentials.find((c) => c.name === `${name}-app`)!;
    const auth = { auth_url: authUrl, application_credential_id: id, application_credential_secret: secret };
    return { auth_type: 'v3applicationcredential', auth, ...common };
  };
  const clouds = {
    minicloud: byPassword(USERS.member),
    'minicloud-admin': byPassword(USERS.admin),
    'minicloud-app': byCredential(USERS.member),
    'minicloud-admin-app': byCredential(USERS.admin),
    'minicloud-broker': byPassword(USERS.broker),
    'minicloud-broker-app': byCredential(USERS.broker),
  };
  return `${JSON.stringify({ clouds }, null, 2)}\n`;
}
