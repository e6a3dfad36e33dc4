import type { Guest } from '../../../packages/minicloud/src/hypervisor/hypervisor.ts';
import type { Compute } from './compute.ts';

/** A viewer at a seat, with somebody before it. */
export interface Viewer {
  readonly seat: string;
  readonly person: string;
  /** The picture is gone: `link-lost` the desktop, `closed-by-desktop` somebody else took it. */
  lost(why: 'link-lost' | 'closed-by-desktop'): void;
}

/** A link of the hub's that stays: whoever links next ends it, and so does the end of the desktop. */
export interface Standing {
  lost(): void;
}

type Violate = (rule: string, text: string) => void;

/** The displays of all desktops that run, as they are, whatever any hub thinks of it. A desktop has one viewer at most. */
export class Screens {
  readonly #compute: Compute;
  readonly #violate: Violate;
  readonly #viewers = new Map<string, Viewer>();
  readonly #standing = new Map<string, Standing>();
  /** Whose work is on the disk of a server. */
  readonly #usedBy = new Map<string, string>();

  constructor(compute: Compute, violate: Violate) {
    this.#compute = compute;
    this.#violate = violate;
    compute.onGone = (id) => this.#loses(id);
    compute.onFresh = (id) => void this.#usedBy.delete(id);
  }

  #loses(server: string): void {
    const viewer = this.#viewers.get(server);
    this.#viewers.delete(server);
    this.#endStanding(server);
    viewer?.lost('link-lost');
  }

  #endStanding(server: string): void {
    const standing = this.#standing.get(server);
    this.#standing.delete(server);
    standing?.lost();
  }

  /** Only the hub's own, and only while it stands. */
  hubLeaves(server: string, standing: Standing): void {
    if (this.#standing.get(server) === standing) this.#standing.delete(server);
  }

  stands(server: string, standing: Standing): boolean {
    return this.#standing.get(server) === standing;
  }

  /** Who sits before this server. */
  viewerOf(server: string): Viewer | undefined {
    return this.#viewers.get(server);
  }

  usedBy(server: string): string | undefined {
    return this.#usedBy.get(server);
  }

  /** Rule 13: nothing but a person's own viewer makes a full link to a desktop that somebody sits before. */
  hubLinks(host: string, how: 'full' | 'bare', standing?: Standing): Guest | undefined {
    const guest = this.#compute.guestAt(host);
    const viewer = guest && this.#viewers.get(guest.id);
    if (guest && viewer && how === 'full') {
      this.#violate(
        '13',
        `the hub made a full link to ${guest.name}, and threw out ${viewer.person} at ${viewer.seat}`,
      );
      this.#viewers.delete(guest.id);
      viewer.lost('closed-by-desktop');
    }
    if (guest && how === 'full') this.#endStanding(guest.id);
    if (guest && standing) this.#standing.set(guest.id, standing);
    return guest;
  }

  /** A viewer opens what is at this address. Rules 1, 7 and 12, as the person before the screen sees them. */
  seatLinks(host: string, viewer: Viewer, desktop: string): Guest | undefined {
    const guest = this.#compute.guestAt(host);
    if (!guest) return undefined;
    const { person, seat } = viewer;
    if (guest.name !== desktop)
      this.#violate('12', `${person} at ${seat} was granted ${desktop} and got to ${guest.name}`);
    const before = this.#usedBy.get(guest.id);
    if (before !== undefined && before !== person)
      this.#violate('7', `${person} at ${seat} sees ${guest.name}, with the work of ${before} on it`);
    this.#usedBy.set(guest.id, person);
    const other = this.#viewers.get(guest.id);
    if (other && other.person !== person)
      this.#violate('1', `${person} at ${seat} throws ${other.person} at ${other.seat} out of ${guest.name}`);
    this.#viewers.set(guest.id, viewer);
    this.#endStanding(guest.id);
    other?.lost('closed-by-desktop');
    return guest;
  }

  left(server: string, viewer: Viewer): void {
    if (this.#viewers.get(server) === viewer) this.#viewers.delete(server);
  }
}
