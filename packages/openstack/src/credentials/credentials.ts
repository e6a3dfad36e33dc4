/** A secret that no `console.log`, `JSON.stringify` or inspection shows: it has to be asked for. */
export type Secret = () => string;

/** Keystone names things by id, or by name within a domain. */
export type Named = { id: string } | { name: string; domain: { id: string } | { name: string } };

/** How a token is asked for (Identity API v3, "Authentication and token management"). */
export type Auth =
  | { kind: 'password'; user: Named; password: Secret; project: Named }
  /** Bound to one project; Keystone refuses a scope beside it. By name it needs its owner. */
  | {
      kind: 'applicationCredential';
      credential: { id: string } | { name: string; user: Named };
      secret: Secret;
    };

/** Which of a service's addresses in the catalog is meant. */
export type Interface = 'public' | 'internal' | 'admin';

export interface CloudCredentials {
  /** The entry's name in clouds.yaml, or `envvars`; for messages. */
  readonly cloud: string;
  /** Keystone's address, with or without `/v3`. */
  readonly authUrl: string;
  readonly auth: Auth;
  /** Absent: the cloud has to have one region only. */
  readonly region: string | undefined;
  /** The first that the catalog has is taken. */
  readonly interfaces: readonly Interface[];
  /** Addresses that win over the catalog, by service type (`compute`, `block-storage`). */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
}

export interface TlsSettings {
  /** False only where an operator wrote `verify: false` or `insecure: true`. */
  readonly verify: boolean;
  /** PEM of the authority that signed the cloud's certificates. */
  readonly ca: string | undefined;
  /** PEM, for clouds that ask clients for a certificate. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
}
