import { systemClock } from '@anyseat/base';
import {
  deleteServer,
  listComputeServices,
  openSession,
  resetState,
  showLimits,
  type Session,
} from '@anyseat/openstack';
import type { OpenstackLab } from '../lab/openstack/lab.ts';

/** What people of the cloud do to the hub's project behind its back. */
export class StrangerHand implements AsyncDisposable {
  readonly #neighbour: Session;
  readonly #admin: Session;

  constructor(lab: OpenstackLab) {
    this.#neighbour = openSession({ credentials: lab.credentials('lab-neighbour'), clock: systemClock });
    this.#admin = openSession({ credentials: lab.credentials('lab-admin'), clock: systemClock });
  }

  /** Somebody in the same project removes a server, as they may. */
  async remove(serverId: string): Promise<void> {
    await deleteServer(this.#neighbour.compute, serverId);
  }

  /** `openstack server set --state error` of an admin: the guest runs on. */
  async putIntoError(serverId: string): Promise<void> {
    await resetState(this.#admin.compute, serverId, 'error');
  }

  /** No more than this many servers beyond those that are there, whosever they are, until the end of the returned. */
  async allowMore(servers: number): Promise<AsyncDisposable & { most: number }> {
    const most = (await this.serversUsed()) + servers;
    await this.#setQuota(most);
    return { most, [Symbol.asyncDispose]: () => this.#setQuota(-1) };
  }

  /** All of the project’s, as its quota counts them. */
  async serversUsed(): Promise<number> {
    return (await showLimits(this.#neighbour.compute)).servers.used;
  }

  /** Whether Nova itself holds this compute host to be up. */
  async seesUp(host: string): Promise<boolean> {
    const services = await listComputeServices(this.#admin.compute);
    return services.find((service) => service.host === host)?.up === true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#neighbour[Symbol.asyncDispose]();
    await this.#admin[Symbol.asyncDispose]();
  }

  async #setQuota(instances: number): Promise<void> {
    const { projectId } = await this.#neighbour.compute.whoami();
    await this.#admin.compute.call({
      method: 'PUT',
      path: `/os-quota-sets/${projectId}`,
      // Below what is used by now only by force.
      body: { quota_set: { instances, force: true } },
      what: 'set a quota',
    });
  }
}
