import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import type { Hello } from '@anyseat/protocol';

const MOST_MACS = 8;
const MODEL = '/sys/class/dmi/id/product_name';

/** What the operators' list shows of this box; never authority for anything. */
export function describeMachine(): NonNullable<Hello['machine']> {
  const macs = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal)
    .map((address) => address.mac);
  const model = readModel();
  return {
    hostName: hostname().slice(0, 64),
    ...(model === undefined ? {} : { model }),
    macs: [...new Set(macs)].slice(0, MOST_MACS),
  };
}

/** Where the help desk reaches this box: its first address that is not its own alone, IPv4 before IPv6. A cable may come at any time. */
export function ownAddress(
  all: ReturnType<typeof networkInterfaces> = networkInterfaces(),
): string | undefined {
  const reached = Object.values(all)
    .flatMap((addresses) => addresses ?? [])
    .filter(
      ({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'),
    );
  return (reached.find(({ family }) => family === 'IPv4') ?? reached[0])?.address;
}

/** Virtual machines and some boards have none. */
function readModel(): string | undefined {
  try {
    const model = readFileSync(MODEL, 'utf8').trim().slice(0, 64);
    return model === '' ? undefined : model;
  } catch {
    return undefined;
  }
}
