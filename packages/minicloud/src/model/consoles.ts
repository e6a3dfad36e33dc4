import type { Cloud } from './cloud.ts';
import type { Server } from './server.ts';
import { conflict, notFound, unexpected } from './refusal.ts';

/** What a console token stands for: where the screen was when the token was asked for. */
export interface ConsoleAccess {
  serverId: string;
  type: 'spice-html5' | 'spice-direct';
  host: string;
  port: number | null;
  tlsPort: number | null;
  expiresAt: number;
}

/** Nova's console tokens. They lose nothing when the screen moves: then they tell where it was. */
export class Consoles {
  readonly #cloud: Cloud;
  readonly #lifetimeMs: number;
  readonly #tokens = new Map<string, ConsoleAccess>();

  constructor(cloud: Cloud, lifetimeMs: number) {
    this.#cloud = cloud;
    this.#lifetimeMs = lifetimeMs;
  }

  /**
   * @throws Refusal 409 when the server is on no host, or (with QEMU, as with libvirt) has no guest yet; 500 when it is being
   * deleted or migrated, which remote_consoles.py does not expect, or when its guest is off: libvirt then tells no port, and
   * Nova trips over that (seen on Zed).
   */
  open(server: Server, type: ConsoleAccess['type']): string {
    const { id, host, taskState } = server;
    if (host === null) throw conflict(`Instance ${id} is not ready`);
    if (taskState === 'deleting' || taskState === 'migrating') {
      throw unexpected('nova.exception.InstanceInvalidState');
    }
    const { hypervisor, clock, chance } = this.#cloud;
    const display = hypervisor.display(id) ?? this.#withoutGuest(server);
    const token = chance.uuid();
    this.#sweep(clock.now());
    this.#tokens.set(token, { serverId: id, type, ...display, expiresAt: clock.now() + this.#lifetimeMs });
    return token;
  }

  /** @throws Refusal 404: unknown, expired, or its server is gone. */
  look(token: string): ConsoleAccess {
    const access = this.#tokens.get(token);
    if (!access || access.expiresAt <= this.#cloud.clock.now() || !this.#cloud.server(access.serverId)) {
      throw notFound('Token not found');
    }
    return access;
  }

  #withoutGuest(server: Server): Pick<ConsoleAccess, 'host' | 'port' | 'tlsPort'> {
    const { hypervisor } = this.#cloud;
    if (hypervisor.consoleAlways) return { host: 'fakespiceconsole.com', port: 6969, tlsPort: null };
    if (server.launchedAt === null) throw conflict(`Instance ${server.id} is not ready`);
    throw unexpected('ValueError');
  }

  #sweep(now: number): void {
    for (const [token, access] of this.#tokens) {
      // In the order of their making: the first that is still good ends it.
      if (access.expiresAt > now) return;
      this.#tokens.delete(token);
    }
  }
}
