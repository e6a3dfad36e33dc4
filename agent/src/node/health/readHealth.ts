import { statfs } from 'node:fs/promises';
import type { HealthReport } from '@anyseat/protocol';
import type { Tree } from './tree.ts';

/** What the box itself knows of how it is; the line to the hub and the clock are others' to tell. */
export type BoxHealth = Omit<HealthReport, 'type' | 'epoch' | 'overMs' | 'hub' | 'clockOffsetMs'>;

/** What the kernel only counts: a report tells what came since the one before. */
export interface Counters {
  errors: number;
  dropped: number;
  sent: number;
  resent: number;
}

export interface HealthPlaces {
  tree: Tree;
  /** A folder of the agent's, for the disk that it lies on. */
  folder: string;
  /** The name of the viewer's process, as the kernel has it. */
  viewer: string;
  /** Whose child the viewer is. */
  agentPid: number;
}

/** A look at /proc and /sys; no child process. What cannot be known is absent. Never throws. */
export async function readHealth(
  places: HealthPlaces,
  before: Counters | undefined,
): Promise<{ health: BoxHealth; counters: Counters }> {
  const { tree, folder } = places;
  const [load, cores, upMs, memory, disk, hottestC, network, tcp, viewerMb] = await Promise.all([
    firstNumber(tree, 'proc/loadavg'),
    coresOf(tree),
    firstNumber(tree, 'proc/uptime').then((seconds = 0) => Math.round(seconds * 1000)),
    memoryOf(tree),
    diskOf(folder),
    hottestOf(tree),
    networkOf(tree),
    tcpOf(tree),
    viewerOf(places),
  ]);
  const counters = {
    errors: network?.errors ?? 0,
    dropped: network?.dropped ?? 0,
    sent: tcp?.sent ?? 0,
    resent: tcp?.resent ?? 0,
  };
  const since = (what: keyof Counters) => (before ? Math.max(0, counters[what] - before[what]) : 0);
  const sent = since('sent');
  const health = defined({
    upMs,
    load: load ?? 0,
    cores,
    memory,
    disk,
    hottestC,
    network: network && defined({ ...network, errors: since('errors'), dropped: since('dropped') }),
    resent: sent > 0 ? Math.min(1, since('resent') / sent) : undefined,
    viewerMb,
  });
  return { health, counters };
}

async function firstNumber(tree: Tree, path: string): Promise<number | undefined> {
  const value = Number((await tree.text(path))?.split(/\s+/)[0]);
  return Number.isFinite(value) ? value : undefined;
}

async function coresOf(tree: Tree): Promise<number> {
  const stat = (await tree.text('proc/stat')) ?? '';
  return Math.max(1, stat.match(/^cpu\d+ /gm)?.length ?? 1);
}

async function memoryOf(tree: Tree): Promise<BoxHealth['memory']> {
  const text = (await tree.text('proc/meminfo')) ?? '';
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
  const [totalMb, availableMb] = [Math.round(mb('MemTotal')), Math.round(mb('MemAvailable'))];
  return Number.isFinite(totalMb) && Number.isFinite(availableMb) ? { totalMb, availableMb } : undefined;
}

async function diskOf(folder: string): Promise<BoxHealth['disk']> {
  try {
    const { bsize, blocks, bavail } = await statfs(folder);
    const mb = (count: number) => Math.round((count * bsize) / 2 ** 20);
    return { totalMb: mb(blocks), freeMb: mb(bavail) };
  } catch {
    return undefined;
  }
}

/** Sensors that are not there answer 0, or what no box survives. */
const isPlausible = (celsius: number) => celsius > 0 && celsius < 150;

async function hottestOf(tree: Tree): Promise<number | undefined> {
  const zones = (await tree.names('sys/class/thermal')).filter((name) => name.startsWith('thermal_zone'));
  const chips = await tree.names('sys/class/hwmon');
  const inputs = await Promise.all(
    chips.map(async (chip) =>
      (await tree.names(`sys/class/hwmon/${chip}`))
        .filter((name) => /^temp\d+_input$/.test(name))
        .map((name) => `sys/class/hwmon/${chip}/${name}`),
    ),
  );
  const places = [...zones.map((zone) => `sys/class/thermal/${zone}/temp`), ...inputs.flat()];
  const all = await Promise.all(places.map((place) => tree.number(place)));
  const celsius = all.flatMap((milli) => (milli === undefined ? [] : [milli / 1000])).filter(isPlausible);
  return celsius.length === 0 ? undefined : Math.max(...celsius);
}

/** The interface of the default route; `errors` and `dropped` as the kernel has counted them since it started. */
async function networkOf(tree: Tree): Promise<BoxHealth['network']> {
  const routes = ((await tree.text('proc/net/route')) ?? '').split('\n').map((line) => line.split(/\s+/));
  const name = routes.find(([, destination]) => destination === '00000000')?.[0] ?? (await firstCard(tree));
  if (name === undefined) return undefined;
  const card = `sys/class/net/${name}`;
  const counted = async (...what: string[]) => {
    const all = await Promise.all(what.map((one) => tree.number(`${card}/statistics/${one}`)));
    return all.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };
  const [carrier, speed, errors, dropped] = await Promise.all([
    tree.number(`${card}/carrier`),
    tree.number(`${card}/speed`),
    counted('rx_errors', 'tx_errors'),
    counted('rx_dropped', 'tx_dropped'),
  ]);
  const mbps = speed !== undefined && speed > 0 ? speed : undefined;
  return defined({ name, up: carrier !== 0, mbps, errors, dropped });
}

/** A cable that is out has no route. */
async function firstCard(tree: Tree): Promise<string | undefined> {
  for (const name of await tree.names('sys/class/net'))
    if ((await tree.names(`sys/class/net/${name}/device`)).length > 0) return name;
  return undefined;
}

/** RFC 4022: segments sent, without those sent again, and those. */
async function tcpOf(tree: Tree): Promise<{ sent: number; resent: number } | undefined> {
  const lines = ((await tree.text('proc/net/snmp')) ?? '')
    .split('\n')
    .filter((line) => line.startsWith('Tcp: '));
  const [heads, values] = lines.map((line) => line.split(' '));
  const value = (head: string) => Number(values?.[heads?.indexOf(head) ?? -1]);
  const [sent, resent] = [value('OutSegs'), value('RetransSegs')];
  return Number.isFinite(sent) && Number.isFinite(resent) ? { sent, resent } : undefined;
}

/** Resident memory of the viewer, if there is one. */
async function viewerOf({ tree, viewer, agentPid }: HealthPlaces): Promise<number | undefined> {
  const processes = (await tree.names('proc')).filter((name) => /^\d+$/.test(name));
  const statuses = await Promise.all(processes.map((pid) => tree.text(`proc/${pid}/status`)));
  const field = (status: string, name: string) => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1];
  const own = statuses.find(
    (status) => status && field(status, 'Name') === viewer && field(status, 'PPid') === String(agentPid),
  );
  const kb = own === undefined ? NaN : parseInt(field(own, 'VmRSS') ?? '', 10);
  return Number.isFinite(kb) ? Math.round(kb / 1024) : undefined;
}

/** Without what is not known. */
function defined<T extends object>(all: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as never;
}
