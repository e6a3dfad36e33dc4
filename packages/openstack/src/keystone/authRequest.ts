import type { Auth, Named } from '../credentials/credentials.ts';

/** The body of `POST /v3/auth/tokens`. An application credential is sent without a scope: Keystone refuses one (401). */
export function authRequest(auth: Auth): unknown {
  if (auth.kind === 'applicationCredential') {
    return {
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { ...credentialOf(auth), secret: auth.secret() },
        },
      },
    };
  }
  return {
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { ...auth.user, password: auth.password() } },
      },
      scope: { project: auth.project },
    },
  };
}

function credentialOf(auth: Auth & { kind: 'applicationCredential' }): Record<string, unknown> {
  const { credential } = auth;
  return 'id' in credential
    ? { id: credential.id }
    : { name: credential.name, user: userOf(credential.user) };
}

const userOf = (user: Named): unknown =>
  'id' in user ? { id: user.id } : { name: user.name, domain: user.domain };

/** `…/v3`, from an address with or without it. */
export function identityUrl(authUrl: string): URL {
  const url = new URL(authUrl);
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/v3') ? path : `${path}/v3`;
  url.search = '';
  return url;
}
