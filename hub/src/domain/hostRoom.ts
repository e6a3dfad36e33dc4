/** How much a host has of something, and how much of it is promised to servers (Placement's word). */
export interface Promised {
  /** Without what the host keeps for itself. */
  readonly has: number;
  readonly promised: number;
  /** How many times what it has may be promised. */
  readonly ratio: number;
}

/** What a compute host has promised. What it uses in truth is not told by OpenStack. */
export interface HostRoom {
  readonly host: string;
  readonly memoryMb: Promised | undefined;
  readonly cpus: Promised | undefined;
}

/** In times what it has; 0 where that is not known. */
export const timesOf = (room: Promised | undefined): number =>
  room === undefined || room.has <= 0 ? 0 : room.promised / room.has;

/** What a project may have of something, and has. */
export interface CloudQuota {
  readonly name: 'servers' | 'cores' | 'memory (MB)';
  readonly used: number;
  /** Infinity: there is no limit. */
  readonly most: number;
}

/** A service of the cloud that is no compute host: `nova-scheduler on ctl-1`. */
export interface CloudService {
  readonly name: string;
  readonly up: boolean;
}
