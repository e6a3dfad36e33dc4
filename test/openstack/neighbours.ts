import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { systemClock } from '@anyseat/base';
import {
  createServer,
  deleteServer,
  findNetworks,
  imagesNamed,
  listFlavors,
  listServers,
  openSession,
  showServer,
  type ServerRecord,
  type Session,
} from '@anyseat/openstack';
import { metadataKeys } from '../../hub/src/domain/naming.ts';
import { waitFor } from '../e2e/parts/waitFor.ts';
import type { OpenstackLab } from '../lab/openstack/lab.ts';

const portList = z.object({ ports: z.array(z.object({ id: z.string(), device_id: z.string() })) });

/** Somebody else in the hub's own project, with servers that look as much like the hub's as they can without being so. */
export class Neighbours implements AsyncDisposable {
  readonly #session: Session;
  readonly #admin: Session;
  readonly #lab: OpenstackLab;
  readonly #ids: string[] = [];

  constructor(lab: OpenstackLab) {
    this.#lab = lab;
    this.#session = openSession({ credentials: lab.credentials('lab-neighbour'), clock: systemClock });
    this.#admin = openSession({ credentials: lab.credentials('lab-admin'), clock: systemClock });
  }

  /**
   * - one with nothing of ours but the name that the hub's first server has;
   * - one of another installation of Anyseat, with its tag and metadata;
   * - one whose tag is the hub's and one character more, as a filter that matches by prefix would find it;
   * - one whose metadata names the hub's installation, and that has no tag.
   */
  async moveIn(installation: string, firstName: string): Promise<void> {
    const other = randomUUID();
    const about = (whose: string) => ({
      [metadataKeys.installation]: whose,
      [metadataKeys.desktop]: randomUUID(),
      [metadataKeys.pool]: 'standard',
      [metadataKeys.revision]: '1',
    });
    await this.#order({ name: firstName, tags: ['anyseat'], metadata: {} });
    await this.#order({
      name: `${firstName}0`,
      tags: ['anyseat', `anyseat-${other}`],
      metadata: about(other),
    });
    await this.#order({
      name: 'longer-tag',
      tags: ['anyseat', `anyseat-${installation}0`],
      metadata: about(installation),
    });
    await this.#order({ name: 'no-tag', tags: [], metadata: about(installation) });
    await waitFor(
      'the neighbours',
      async () => (await this.look()).every((server) => server.vmState === 'active'),
      120_000,
    );
  }

  /** Their servers as Nova shows them to an admin. @throws when one is gone */
  async look(): Promise<ServerRecord[]> {
    return Promise.all(
      this.#ids.map(async (id) => {
        const server = await showServer(this.#admin.compute, id);
        if (server === 'gone') throw new Error(`the neighbours' server ${id} is gone`);
        return server;
      }),
    );
  }

  /** What carries this tag, whosever it is. */
  async tagged(tag: string): Promise<readonly ServerRecord[]> {
    return (await listServers(this.#admin.compute, { tags: [tag] })).servers;
  }

  /** Every port that is there, and whose, in an order that stays. */
  async ports(): Promise<string[]> {
    const answer = await this.#admin.network.call({ method: 'GET', path: '/ports', what: 'list all ports' });
    const { ports } = portList.parse(answer.body);
    return ports.map((port) => `${port.id} of ${port.device_id}`).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#ids.map((id) => deleteServer(this.#session.compute, id)));
    await waitFor(
      'the neighbours to be gone',
      async () => {
        const left = await Promise.all(this.#ids.map((id) => showServer(this.#session.compute, id)));
        return left.every((server) => server === 'gone');
      },
      60_000,
    );
    await this.#session[Symbol.asyncDispose]();
    await this.#admin[Symbol.asyncDispose]();
  }

  async #order(wish: { name: string; tags: string[]; metadata: Record<string, string> }): Promise<void> {
    const { compute, image, network } = this.#session;
    const { names } = this.#lab;
    const [anImage] = await imagesNamed(image, names.image);
    const flavor = (await listFlavors(compute)).find((one) => one.name === names.flavor);
    const [net] = await findNetworks(network, { name: names.network });
    const { id } = await createServer(compute, {
      ...wish,
      hostname: 'neighbour',
      imageRef: anImage!.id,
      flavorRef: flavor!.id,
      networks: [{ uuid: net!.id }],
      config_drive: false,
    });
    this.#ids.push(id);
  }
}
