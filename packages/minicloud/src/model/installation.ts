import type { FlavorOptions, HostOptions, ImageOptions, MinicloudOptions, QuotaOptions } from '../options.ts';
import type { Chance } from './chance.ts';
import { newImages, stampOf, type Image } from './image.ts';

export interface Named {
  id: string;
  name: string;
}

export interface User extends Named {
  password: string;
  /** Roles by project id. */
  roles: Record<string, string[]>;
}

/** Bound to one project and to some of its owner's roles. */
export interface ApplicationCredential extends Named {
  secret: string;
  userId: string;
  projectId: string;
  roles: string[];
}

export interface Flavor extends Named {
  vcpus: number;
  ramMb: number;
  diskGb: number;
  /** No longer offered; servers of it remain. */
  retired?: boolean;
}

export interface Network extends Named {
  subnetId: string;
  subnetName: string;
  /** The first two numbers of a /16. */
  prefix: string;
}

/** What the operator of this cloud has set up; it is made once and stays (with a state directory: over restarts). */
export interface Installation {
  region: string;
  roles: Named[];
  projects: Named[];
  users: User[];
  credentials: ApplicationCredential[];
  flavors: Flavor[];
  images: Image[];
  networks: Network[];
  securityGroupId: string;
  /** By project id. */
  quotas: Record<string, QuotaOptions>;
  hosts: HostSpec[];
  /** Ids of services and endpoints in the catalog; one row `[service, admin, public, internal]` for each. */
  catalogIds: Record<string, string[]>;
  /** The last part of the path of the admin route: who knows it may break things. */
  adminKey: string;
}

export interface HostSpec {
  /** As old microversions number it. */
  number: number;
  name: string;
  id: string;
  serviceId: string;
  cell: string;
  zone: string;
  vcpus: number;
  memoryMb: number;
  diskGb: number;
  cpuRatio: number;
  memoryRatio: number;
  maxBuilds: number;
}

export const SERVICES = ['network', 'identity', 'compute', 'image', 'placement'] as const;
export type ServiceType = (typeof SERVICES)[number];

export const NO_QUOTA: QuotaOptions = { instances: -1, cores: -1, ramMb: -1, ports: -1 };

/** The users, each with the password of the options. The second project, `tiny`, may have one server. */
export const USERS = { member: 'hub', broker: 'broker', admin: 'admin', tiny: 'tinyuser' } as const;

const DESK_FLAVORS: FlavorOptions[] = [
  { name: 'desk.small', vcpus: 1, memoryMb: 512, diskGb: 1 },
  { name: 'desk.large', vcpus: 4, memoryMb: 8192, diskGb: 40 },
  // Fits on no host.
  { name: 'desk.huge', vcpus: 4096, memoryMb: 8_388_608, diskGb: 40 },
];

/** Boots to nothing. */
const DESK_IMAGE: ImageOptions = { name: 'desk-image', minDiskGb: 1 };

export function newInstallation(options: MinicloudOptions, chance: Chance): Installation {
  const named = (name: string): Named => ({ id: chance.hex(32), name });
  const roles = ['admin', 'member', 'reader', 'vdi_broker'].map(named);
  const [desktops, tiny] = [named('desktops'), named('tiny')];
  const password = options.password ?? 'minicloud';
  const user = (name: string, projects: Named[], granted: string[]): User => ({
    ...named(name),
    password,
    roles: Object.fromEntries(projects.map((project) => [project.id, granted])),
  });
  const users = [
    user(USERS.member, [desktops], ['member', 'reader']),
    user(USERS.broker, [desktops], ['member', 'reader', 'vdi_broker']),
    user(USERS.admin, [desktops, tiny], ['admin', 'member', 'reader']),
    user(USERS.tiny, [tiny], ['member']),
  ];
  return {
    region: 'RegionOne',
    roles,
    projects: [desktops, tiny],
    users,
    credentials: users.flatMap((u) => credentialOf(u, desktops, chance)),
    flavors: [],
    images: [],
    networks: [
      {
        ...named('desk-net'),
        id: chance.uuid(),
        subnetId: chance.uuid(),
        subnetName: 'desk-subnet',
        prefix: '10.77',
      },
    ],
    securityGroupId: chance.uuid(),
    quotas: {
      [desktops.id]: { ...NO_QUOTA, ...options.quota },
      [tiny.id]: { instances: 1, cores: 4, ramMb: 2048, ports: -1 },
    },
    hosts: [],
    catalogIds: Object.fromEntries(
      SERVICES.map((type) => [type, Array.from({ length: 4 }, () => chance.hex(32))]),
    ),
    adminKey: chance.hex(32),
  };
}

/** Brings a new or kept installation to what the options ask for: hosts, flavors and images that are not there yet. */
export function furnish(
  installation: Installation,
  options: MinicloudOptions,
  chance: Chance,
  now: number,
): void {
  for (const flavor of [...DESK_FLAVORS, ...(options.flavors ?? [])]) addFlavor(installation, flavor, chance);
  for (const image of [DESK_IMAGE, ...(options.images ?? [])]) addImage(installation, image, chance, now);
  addHosts(installation, options, chance);
}

function credentialOf(user: User, project: Named, chance: Chance): ApplicationCredential[] {
  const roles = user.roles[project.id];
  if (!roles) return [];
  const credential = { userId: user.id, projectId: project.id, roles };
  return [{ ...credential, id: chance.hex(32), name: `${user.name}-app`, secret: chance.letters(40) }];
}

function addFlavor(installation: Installation, wanted: FlavorOptions, chance: Chance): void {
  const { name, vcpus, memoryMb: ramMb, diskGb } = wanted;
  const there = installation.flavors.find((f) => f.name === name && !f.retired);
  // A flavor's size is fixed in Nova: another size under the name is another flavor.
  if (there && there.vcpus === vcpus && there.ramMb === ramMb && there.diskGb === diskGb) return;
  if (there) there.retired = true;
  installation.flavors.push({ id: chance.uuid(), name, vcpus, ramMb, diskGb });
}

/** An image whose files changed becomes another image of the same name; the old one is deactivated. */
function addImage(installation: Installation, wanted: ImageOptions, chance: Chance, now: number): void {
  const stamp = stampOf(wanted);
  const namesakes = installation.images.filter((i) => i.name === wanted.name);
  if (namesakes.some((i) => i.stamp === stamp && i.status === 'active')) return;
  for (const old of namesakes) old.status = 'deactivated';
  installation.images.push(...newImages(wanted, chance, now));
}

function addHosts(installation: Installation, options: MinicloudOptions, chance: Chance): void {
  const qemu = options.hypervisor === 'qemu';
  const wanted: HostOptions = options.hosts ?? {};
  const zones = wanted.zones ?? ['az1'];
  const before = installation.hosts;
  // A host that was there stays: servers may be on it.
  const count = Math.max(wanted.count ?? (before.length || (qemu ? 2 : 4)), before.length);
  installation.hosts = Array.from({ length: count }, (_, i) => ({
    number: i + 1,
    name: `compute${i + 1}`,
    id: before[i]?.id ?? chance.uuid(),
    serviceId: before[i]?.serviceId ?? chance.uuid(),
    cell: `cell${1 + (i % (wanted.cells ?? 1))}`,
    zone: zones[i % zones.length]!,
    vcpus: wanted.vcpus ?? (qemu ? 8 : 64),
    memoryMb: wanted.memoryMb ?? (qemu ? 16_384 : 262_144),
    diskGb: wanted.diskGb ?? 4000,
    // nova.conf `initial_*_allocation_ratio` of Zed.
    cpuRatio: wanted.cpuRatio ?? 16,
    memoryRatio: wanted.memoryRatio ?? 1.5,
    maxBuilds: wanted.maxBuilds ?? 10,
  }));
}
