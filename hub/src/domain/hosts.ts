/** A compute host as the cloud sees it. */
export interface CloudHost {
  readonly name: string;
  /** By its last heartbeat; undefined where that is not told. A lost message bus makes every host look down. */
  readonly up: boolean | undefined;
  /** Whether it may be given new servers: an operator's word. */
  readonly enabled: boolean;
  /** Why not. */
  readonly reason: string | undefined;
}

/** Why desktops on a host are not handed out. */
export interface HostDoubt {
  readonly kind: 'down' | 'disabled';
  /** In words. */
  readonly text: string;
}

/** More hosts down than this is the message bus, and no host (rule 11); one always may be. */
const DOWN_SHARE = 0.1;

/** So many look down that it is the message bus, and no host. */
export const areManyDown = (hosts: readonly CloudHost[]): boolean =>
  hosts.filter((host) => host.up === false && host.enabled).length > Math.max(1, hosts.length * DOWN_SHARE);

/** The hosts whose desktops nobody is given (rule 11: that, and nothing else, follows from the cloud's word). Pure. */
export function hostDoubts(hosts: readonly CloudHost[]): ReadonlyMap<string, HostDoubt> {
  const believed = !areManyDown(hosts);
  return new Map(
    hosts.flatMap(({ name, up, enabled, reason }): [string, HostDoubt][] => {
      if (!enabled) {
        const why = reason === undefined ? '' : `: ${reason}`;
        return [[name, { kind: 'disabled', text: `its host ${name} is disabled${why}` }]];
      }
      return up === false && believed ? [[name, { kind: 'down', text: `its host ${name} looks down` }]] : [];
    }),
  );
}
