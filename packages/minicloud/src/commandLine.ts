import { parseArgs } from 'node:util';
import { EXIT_CONFIG, Fault } from '@anyseat/base';
import type { FlavorOptions, ImageOptions, MinicloudOptions, SpiceOptions } from './options.ts';

/** What the command line asked for. */
export interface CommandLine {
  help: boolean;
  options: MinicloudOptions;
  /** Where to write a clouds.yaml once the address is known. */
  cloudsYaml: string | undefined;
  logLevel: string;
}

export const HELP = `minicloud: a small OpenStack in one process

  --hypervisor fake|qemu   states only, or a QEMU process for each server (default: fake)
  --face zed|2025.1        which release it answers as (default: zed)
  --state DIR              keep everything there; without it nothing is kept
  --port N                 of the API on 127.0.0.1 (default: any free one)
  --image NAME[:kernel=FILE,initrd=FILE,append=TEXT | :disk=FILE,format=qcow2]   may be repeated
  --flavor NAME:VCPUS,MB,GB                                                      may be repeated
  --hosts N  --cells N     how many compute hosts, dealt out to how many cells
  --quota N                servers that the project may have
  --speed N                everything takes an Nth of its time
  --seed N                 ids and timings repeat themselves
  --spice-port N           fake: the port of all screens
  --spice-x509 DIR         TLS for screens: ca-cert.pem, server-cert.pem, server-key.pem
  --spice-tls-only         no plain port
  --spice-ticket-file FILE screens ask for the ticket in it
  --accel NAME             QEMU's accelerator (default: tcg)
  --clouds-yaml FILE       write a clouds.yaml with its credentials
  --log-level LEVEL        of the log on stderr (default: info)

When it is ready it prints one line of JSON: {"authUrl", "adminUrl", "url", "pid"}. It ends on SIGTERM or SIGINT.
`;

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  hypervisor: { type: 'string' },
  face: { type: 'string' },
  state: { type: 'string' },
  port: { type: 'string' },
  image: { type: 'string', multiple: true },
  flavor: { type: 'string', multiple: true },
  hosts: { type: 'string' },
  cells: { type: 'string' },
  quota: { type: 'string' },
  speed: { type: 'string' },
  seed: { type: 'string' },
  'spice-port': { type: 'string' },
  'spice-x509': { type: 'string' },
  'spice-tls-only': { type: 'boolean' },
  'spice-ticket-file': { type: 'string' },
  accel: { type: 'string' },
  'clouds-yaml': { type: 'string' },
  'log-level': { type: 'string' },
} as const;

const NUMBERS = ['hosts', 'cells', 'quota', 'port', 'seed', 'speed', 'spice-port'] as const;

/**
 * @param readFile reads the ticket.
 * @throws Fault `bad-usage` (terminal) with a sentence about what is wrong.
 */
export function readCommandLine(argv: readonly string[], readFile: (path: string) => string): CommandLine {
  const given = parsed(argv);
  const count = (name: (typeof NUMBERS)[number]): number | undefined => whole(name, given[name]);
  const [hosts, cells, quota] = [count('hosts'), count('cells'), count('quota')];
  const [port, seed, speed] = [count('port'), count('seed'), count('speed')];
  const ticketFile = given['spice-ticket-file'];
  const spicePort = count('spice-port');
  const spice: SpiceOptions = {
    ...(spicePort !== undefined && { port: spicePort }),
    ...(given['spice-x509'] !== undefined && { x509Dir: given['spice-x509'] }),
    ...(given['spice-tls-only'] && { tlsOnly: true }),
    ...(ticketFile !== undefined && { ticket: readFile(ticketFile).trim() }),
  };
  const options: MinicloudOptions = {
    hypervisor: oneOf('hypervisor', given.hypervisor ?? 'fake', ['fake', 'qemu'] as const),
    face: oneOf('face', given.face ?? 'zed', ['zed', '2025.1'] as const),
    images: (given.image ?? []).map(readImage),
    flavors: (given.flavor ?? []).map(readFlavor),
    hosts: { ...(hosts !== undefined && { count: hosts }), ...(cells !== undefined && { cells }) },
    spice,
    ...(given.state !== undefined && { stateDir: given.state }),
    ...(port !== undefined && { port }),
    ...(quota !== undefined && { quota: { instances: quota } }),
    ...(speed !== undefined && { speed }),
    ...(seed !== undefined && { seed }),
    ...(given.accel !== undefined && { qemu: { machine: `pc,accel=${oneAccel(given.accel)}` } }),
  };
  return {
    help: given.help ?? false,
    options,
    cloudsYaml: given['clouds-yaml'],
    logLevel: given['log-level'] ?? 'info',
  };
}

/** The exit code for a command line that makes no sense. */
export const EXIT_USAGE = EXIT_CONFIG;

const wrong = (text: string): Fault => new Fault('bad-usage', 'terminal', text);

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw wrong(`--${name} wants a whole number, not '${text}'`);
}

function oneOf<T extends string>(name: string, text: string, known: readonly T[]): T {
  const found = known.find((one) => one === text);
  if (found === undefined) throw wrong(`--${name} is one of ${known.join(', ')}, not '${text}'`);
  return found;
}

/** QEMU takes the first of a list that is there, whether it works or not. */
function oneAccel(text: string): string {
  if (/^[a-z]+$/.test(text)) return text;
  throw wrong(`--accel names one accelerator, not '${text}'`);
}

const IMAGE_FIELDS = {
  kernel: 'kernel',
  initrd: 'initrd',
  append: 'commandLine',
  disk: 'disk',
  format: 'format',
} as const;

/** `NAME:kernel=FILE,initrd=FILE`. What follows `append=` may have commas: it goes to the end. */
function readImage(text: string): ImageOptions {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text };
  const image: Record<string, string> = { name: text.slice(0, colon) };
  let rest = text.slice(colon + 1);
  const append = /(?:^|,)append=(.*)$/.exec(rest);
  if (append) {
    image['commandLine'] = append[1]!;
    rest = rest.slice(0, append.index);
  }
  for (const part of rest.split(',').filter(Boolean)) {
    const [name, value] = part.split(/=(.*)/) as [string, string | undefined];
    if (!Object.hasOwn(IMAGE_FIELDS, name) || !value)
      throw wrong(`--image ${text}: '${part}' is not understood`);
    image[IMAGE_FIELDS[name as keyof typeof IMAGE_FIELDS]] = value;
  }
  if (image['format'] !== undefined) oneOf('image … format', image['format'], ['raw', 'qcow2']);
  return image as unknown as ImageOptions;
}

function readFlavor(text: string): FlavorOptions {
  const parts = /^([^:]+):(\d+),(\d+),(\d+)$/.exec(text);
  if (!parts) throw wrong(`--flavor ${text}: NAME:VCPUS,MB,GB is meant`);
  const [, name, vcpus, memoryMb, diskGb] = parts;
  return { name: name!, vcpus: Number(vcpus), memoryMb: Number(memoryMb), diskGb: Number(diskGb) };
}
