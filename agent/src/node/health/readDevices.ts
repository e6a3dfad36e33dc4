import type { InventoryReport } from '@anyseat/protocol';
import type { Tree } from './tree.ts';

/** What is plugged in, as the kernel has it. */
export type Devices = Pick<InventoryReport, 'macs' | 'displays' | 'usb' | 'audio'>;
type UsbDevice = InventoryReport['usb'][number];

const MOST = { macs: 8, displays: 8, usb: 32, audio: 8 };
const LONGEST_NAME = 96;

/** A look at /sys and /proc/asound; no child process, cheap enough for every half minute. Never throws. */
export async function readDevices(tree: Tree): Promise<Devices> {
  const [macs, displays, usb, audio] = await Promise.all([
    macsOf(tree),
    displaysOf(tree),
    usbOf(tree),
    audioOf(tree),
  ]);
  return {
    macs: macs.slice(0, MOST.macs),
    displays: displays.slice(0, MOST.displays),
    usb: usb.slice(0, MOST.usb),
    audio: audio.slice(0, MOST.audio),
  };
}

export const shortName = (name: string): string => name.replace(/\s+/g, ' ').trim().slice(0, LONGEST_NAME);

/** Of cards that are hardware; bridges and tunnels come and go. */
async function macsOf(tree: Tree): Promise<string[]> {
  const cards = await tree.names('sys/class/net');
  const macs = await Promise.all(
    cards.map(async (card) => {
      const hardware = (await tree.names(`sys/class/net/${card}/device`)).length > 0;
      return hardware ? tree.text(`sys/class/net/${card}/address`) : undefined;
    }),
  );
  return [...new Set(macs.filter((mac) => mac !== undefined && mac.length === 17))] as string[];
}

/** `HDMI-A-1 Dell P2419H` */
async function displaysOf(tree: Tree): Promise<string[]> {
  const connectors = (await tree.names('sys/class/drm')).filter((name) => /^card\d+-/.test(name));
  const displays = await Promise.all(
    connectors.map(async (connector) => {
      const folder = `sys/class/drm/${connector}`;
      if ((await tree.text(`${folder}/status`)) !== 'connected') return undefined;
      const name = edidName(await tree.bytes(`${folder}/edid`));
      return shortName(`${connector.replace(/^card\d+-/, '')} ${name ?? ''}`);
    }),
  );
  return displays.filter((one) => one !== undefined);
}

/** VESA E-EDID: four descriptors of 18 bytes from byte 54; one of type 0xfc is the name, ended by a line feed. */
function edidName(edid: Buffer | undefined): string | undefined {
  for (const at of [54, 72, 90, 108]) {
    if (!edid || edid.length < 128 || edid.readUIntBE(at, 3) !== 0 || edid[at + 3] !== 0xfc) continue;
    return edid
      .toString('latin1', at + 5, at + 18)
      .split('\n')[0]!
      .replace(/[^\x20-\x7e]/g, '')
      .trim();
  }
  return undefined;
}

const ROOT_HUB_CLASS = '09';
/** Interface classes (usb.org): what a device is good for is what its interfaces say, audio before buttons. */
const KINDS: readonly [string, UsbDevice['kind']][] = [
  ['01', 'audio'],
  ['08', 'storage'],
  ['03', 'input'],
];

async function usbOf(tree: Tree): Promise<UsbDevice[]> {
  const all = await tree.names('sys/bus/usb/devices');
  const devices = await Promise.all(
    all
      .filter((name) => !name.includes(':'))
      .map(async (name): Promise<UsbDevice | undefined> => {
        const of = (what: string) => tree.text(`sys/bus/usb/devices/${name}/${what}`);
        const [vendor, product, kind] = [
          await of('idVendor'),
          await of('idProduct'),
          await of('bDeviceClass'),
        ];
        if (vendor === undefined || product === undefined || kind === ROOT_HUB_CLASS) return undefined;
        const interfaces = all.filter((one) => one.startsWith(`${name}:`));
        const classes = await Promise.all(
          interfaces.map((one) => tree.text(`sys/bus/usb/devices/${one}/bInterfaceClass`)),
        );
        const id = `${vendor}:${product}`;
        const label = shortName(`${(await of('manufacturer')) ?? ''} ${(await of('product')) ?? ''}`);
        return {
          name: label === '' ? id : label,
          kind: KINDS.find(([code]) => classes.includes(code))?.[1] ?? 'other',
          id,
        };
      }),
  );
  return devices.filter((one) => one !== undefined);
}

/** ` 0 [PCH            ]: HDA-Intel - HDA Intel PCH` */
async function audioOf(tree: Tree): Promise<string[]> {
  const cards = (await tree.text('proc/asound/cards')) ?? '';
  return [...cards.matchAll(/^\s*\d+ \[[^\]]*\]: .*? - (.*)$/gm)].map(([, name]) => shortName(name!));
}
