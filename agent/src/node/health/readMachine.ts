import type { InventoryReport } from '@anyseat/protocol';
import { shortName } from './readDevices.ts';

/** What stays as it is while the agent runs. */
export type Machine = Pick<InventoryReport, 'manufacturer' | 'model' | 'serial' | 'system'> & {
  displays: string[];
};

/** What vendors write where they have nothing to say. */
const NOTHING = new Set([
  '',
  '-',
  'n/a',
  'none',
  'default string',
  'not specified',
  'to be filled by o.e.m.',
  'system serial number',
  'system product name',
]);

/**
 * Who made this box and what runs on it, by systeminformation, which starts a dozen small programs: once, at the start. The
 * serial number can be read by root alone.
 */
export async function readMachine(): Promise<Machine> {
  const { default: si } = await import('systeminformation');
  const [system, os, graphics] = await Promise.all([si.system(), si.osInfo(), si.graphics()]);
  const entries = {
    manufacturer: system.manufacturer,
    model: system.model,
    serial: system.serial,
    system: `${os.distro} ${os.release} ${os.arch}`,
  };
  const known = Object.entries(entries)
    .map(([key, value]) => [key, shortName(value ?? '')] as const)
    .filter(([, value]) => !NOTHING.has(value.toLowerCase()));
  const displays = graphics.displays.map(({ connection, model }) =>
    shortName(`${connection ?? ''} ${model}`),
  );
  return { ...Object.fromEntries(known), displays: displays.filter((name) => name !== '') };
}
