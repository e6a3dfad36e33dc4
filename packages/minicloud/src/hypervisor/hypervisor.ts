/** What a guest boots from. Without kernel and disk it says "No bootable device". Paths are absolute. */
export interface GuestImage {
  kernel?: string | undefined;
  initrd?: string | undefined;
  commandLine?: string | undefined;
  disk?: { path: string; format: string } | undefined;
}

/** A virtual machine as its hypervisor is told to run it. */
export interface Guest {
  /** The server's id, which the guest and its SPICE server tell as UUID. */
  id: string;
  name: string;
  hostName: string;
  memoryMb: number;
  vcpus: number;
  image: GuestImage;
}

/** Where a guest's screen is. A port of -1 is libvirt's word for "not running". */
export interface Display {
  host: string;
  port: number | null;
  tlsPort: number | null;
}

/**
 * What the compute hosts of the cloud run guests with, as narrow as the cloud needs it. Every method may be called again
 * for a guest that is there already, or no more. A guest is known by its server's id.
 */
export interface Hypervisor extends AsyncDisposable {
  /** As `os-hypervisors` tells it. */
  readonly kind: string;
  readonly version: number;
  /** Whether Nova's driver for it answers console requests for guests that do not run (its fake driver does). */
  readonly consoleAlways: boolean;
  /** Runs the guest; on a disk of its own, `fresh` from the image. Rejects when it cannot run. */
  start(guest: Guest, disk: 'fresh' | 'kept'): Promise<void>;
  /** Asks the guest to shut down, and ends it when it does not. */
  stop(id: string): Promise<void>;
  /** Ends it at once. */
  kill(id: string): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Ends it and removes its disk. */
  remove(id: string): Promise<void>;
  isRunning(id: string): boolean;
  display(id: string): Display | undefined;
  /** Tells of guests that ended by themselves: shut down from inside, crashed, killed. */
  onEnded(listener: (id: string) => void): void;
}
