/**
 * Where a SPICE server is and how to be let in. The shape is that of the protocol's `display`, so that a grant can be
 * handed on as it is.
 */
export interface SpiceEndpoint {
  /** Name or address, without brackets. */
  host: string;
  /** Plain port. Never used where there is a TLS port: `remote-viewer` given both speaks plain text on every channel. */
  port?: number | undefined;
  tlsPort?: number | undefined;
  /** PEM, one authority or several. Without it the machine's own authorities are asked. */
  ca?: string | undefined;
  /** The certificate's whole subject, `C=…,O=…,CN=…`. Given, it stands in for the comparison with the host's name. */
  hostSubject?: string | undefined;
  /** The ticket. A server without tickets takes any, also none. */
  password?: string | undefined;
}
