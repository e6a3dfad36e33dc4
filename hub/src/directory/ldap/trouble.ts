/**
 * What can be wrong with a server, as seen from one request. Only this file's error says "try another server"; the
 * words never hold what a server or a person sent.
 *
 * - `unreachable`: no connection, no TLS, or no answer while opening one.
 * - `silent`: a request was sent and not answered in time.
 * - `closed`: the connection ended while a request was under way.
 * - `garbled`: what came back was not LDAP.
 * - `failed`: the server answered that it cannot just now.
 * - `busy`: every connection is in use, and the wait for one would be too long.
 * - `service-refused`: it does not let the service account in.
 */
export type TroubleKind =
  'unreachable' | 'silent' | 'closed' | 'garbled' | 'failed' | 'busy' | 'service-refused';

export class ServerTrouble extends Error {
  override readonly name = 'ServerTrouble';
  readonly kind: TroubleKind;
  readonly server: string;

  constructor(kind: TroubleKind, server: string, text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.server = server;
  }
}

/** An LDAP result other than success, without the server's words. */
export class ResultCode extends Error {
  override readonly name = 'ResultCode';
  readonly code: number;

  constructor(code: number) {
    super(`LDAP result ${code}`);
    this.code = code;
  }
}
