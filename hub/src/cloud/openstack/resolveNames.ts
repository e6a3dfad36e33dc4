import { Fault, MINUTE, type Clock } from '@anyseat/base';
import { findNetworks, imageById, imagesNamed, listFlavors, type Session } from '@anyseat/openstack';
import type { PoolSpec } from '@anyseat/protocol';

/** What a pool's specification names, as Nova wants it. */
export interface Resolved {
  readonly imageRef: string;
  readonly flavorRef: string;
  readonly networks: 'auto' | 'none' | readonly { readonly uuid: string }[];
}

type Kind = 'image' | 'flavor' | 'network';
/** The id, or what is wrong in words. */
type Found = { id: string } | { problem: string };

const KEPT_MS = 5 * MINUTE;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Ids of images, flavors and networks by name (or id), kept for five minutes: an image that was replaced under its name is used
 * soon after, and ten orders at once ask once. After a 400 all are forgotten: one of them may be of yesterday.
 */
export class NameResolver {
  readonly #session: Session;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { until: number; found: Promise<Found> }>();

  constructor(session: Session, clock: Clock) {
    this.#session = session;
    this.#clock = clock;
  }

  /** @throws Fault `cloud-refused-order` that names everything that is not there, or there more than once */
  async resolve(spec: Pick<PoolSpec, 'image' | 'flavor' | 'networks'>): Promise<Resolved> {
    const names = Array.isArray(spec.networks) ? spec.networks : [];
    const [image, flavor, ...networks] = await Promise.all([
      this.#find('image', spec.image),
      this.#find('flavor', spec.flavor),
      ...names.map((name) => this.#find('network', name)),
    ]);
    const problems = [image, flavor, ...networks].flatMap((found) =>
      'problem' in found ? [found.problem] : [],
    );
    const about = 'problem' in image ? 'image' : 'problem' in flavor ? 'flavor' : 'network';
    if (problems.length > 0)
      throw new Fault('cloud-refused-order', 'terminal', problems.join('; '), {
        fields: { what: 'find by name', about },
      });
    const idOf = (found: Found) => (found as { id: string }).id;
    return {
      imageRef: idOf(image),
      flavorRef: idOf(flavor),
      networks: Array.isArray(spec.networks) ? networks.map((one) => ({ uuid: idOf(one) })) : spec.networks,
    };
  }

  /** @throws Fault `cloud-refused-order` about `image` */
  async image(name: string): Promise<string> {
    const found = await this.#find('image', name);
    if ('id' in found) return found.id;
    const fields = { what: 'find by name', about: 'image' };
    throw new Fault('cloud-refused-order', 'terminal', found.problem, { fields });
  }

  forget(): void {
    this.#kept.clear();
  }

  /** The look-up itself is nobody's in particular: a caller that gives up does not take it from the others. */
  #find(kind: Kind, name: string): Promise<Found> {
    const key = `${kind} ${name}`;
    const kept = this.#kept.get(key);
    if (kept && this.#clock.monotonic() < kept.until) return kept.found;
    const found = this.#look(kind, name);
    const entry = { until: this.#clock.monotonic() + KEPT_MS, found };
    this.#kept.set(key, entry);
    const drop = () => {
      if (this.#kept.get(key) === entry) this.#kept.delete(key);
    };
    // What is missing may be made the next minute.
    found.then((result) => 'problem' in result && drop(), drop);
    return found;
  }

  async #look(kind: Kind, name: string): Promise<Found> {
    const { image, compute, network } = this.#session;
    if (kind === 'flavor') {
      const flavors = await listFlavors(compute);
      const byId = flavors.filter((flavor) => flavor.id === name);
      return only(kind, name, byId.length > 0 ? byId : flavors.filter((flavor) => flavor.name === name));
    }
    if (kind === 'image') {
      const byId = UUID.test(name) ? await imageById(image, name) : undefined;
      if (byId && byId.status !== 'active')
        return { problem: `image ${name} cannot be booted: it is ${byId.status}` };
      return byId ? { id: byId.id } : only(kind, name, await imagesNamed(image, name));
    }
    const byId = UUID.test(name) ? await findNetworks(network, { id: name }) : [];
    return only(kind, name, byId.length > 0 ? byId : await findNetworks(network, { name }));
  }
}

function only(kind: Kind, name: string, all: readonly { id: string }[]): Found {
  if (all.length === 1) return { id: all[0]!.id };
  if (all.length === 0) return { problem: `there is no ${kind} ${name} that this project may use` };
  const ids = all.map((one) => one.id).join(', ');
  return { problem: `${all.length} of the ${kind}s are named ${name} (${ids}): name one by its id` };
}
