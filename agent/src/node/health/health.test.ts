import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KernelHealth } from './health.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'anyseat-health-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

const open = (machine = {}) =>
  new KernelHealth({
    root,
    folder: root,
    viewerCommand: '/usr/bin/remote-viewer-of-a-long-name',
    agentPid: 77,
    machine: () => Promise.resolve({ displays: ['VGA'], ...machine }),
  });

const snmp = (sent: number, resent: number) =>
  `Ip: Forwarding\nIp: 1\nTcp: ActiveOpens OutSegs RetransSegs\nTcp: 9 ${sent} ${resent}\n`;
const process = (name: string, parent: number, kb: number) =>
  `Name:\t${name}\nPPid:\t${parent}\nVmRSS:\t   ${kb} kB\n`;

const box = {
  'proc/loadavg': '0.52 0.40 0.30 1/200 999\n',
  'proc/uptime': '3600.50 7000.00\n',
  'proc/stat': 'cpu  1 2 3\ncpu0 1 2 3\ncpu1 1 2 3\nintr 5\n',
  'proc/meminfo': 'MemTotal:        4096000 kB\nMemFree:  1 kB\nMemAvailable:    2048000 kB\n',
  'proc/net/route':
    'Iface\tDestination\tGateway\nenp1s0\t000200C0\t00000000\nenp1s0\t00000000\t010200C0\nwlan0\t00000000\t010200C0\n',
  'proc/net/snmp': snmp(1000, 10),
  'sys/class/net/enp1s0/carrier': '1\n',
  'sys/class/net/enp1s0/speed': '1000\n',
  'sys/class/net/enp1s0/address': '00:11:22:33:44:55\n',
  'sys/class/net/enp1s0/device/vendor': '0x8086\n',
  'sys/class/net/enp1s0/statistics/rx_errors': '5\n',
  'sys/class/net/enp1s0/statistics/tx_errors': '1\n',
  'sys/class/net/enp1s0/statistics/rx_dropped': '40\n',
  'sys/class/net/docker0/address': '02:42:00:00:00:01\n',
  'sys/class/thermal/thermal_zone0/temp': '48000\n',
  'sys/class/thermal/thermal_zone1/temp': '-274000\n',
  'sys/class/hwmon/hwmon0/temp1_input': '61500\n',
  'sys/class/hwmon/hwmon0/temp2_input': '250000\n',
  'proc/100/status': process('remote-viewer-o', 77, 102_400),
  'proc/101/status': process('remote-viewer-o', 1, 900),
};

test('a box tells how it is, and counts since it told last', async () => {
  put(box);
  const health = open();
  const disk = { totalMb: expect.any(Number), freeMb: expect.any(Number) };
  const still = {
    upMs: 3_600_500,
    load: 0.52,
    cores: 2,
    memory: { totalMb: 4000, availableMb: 2000 },
    disk,
    hottestC: 61.5,
    viewerMb: 100,
  };
  const network = { name: 'enp1s0', up: true, mbps: 1000 };
  expect(await health.read()).toEqual({ ...still, network: { ...network, errors: 0, dropped: 0 } });
  put({
    'proc/net/snmp': snmp(1200, 30),
    'sys/class/net/enp1s0/statistics/rx_errors': '9\n',
    'sys/class/net/enp1s0/statistics/rx_dropped': '41\n',
  });
  expect(await health.read()).toEqual({
    ...still,
    network: { ...network, errors: 4, dropped: 1 },
    resent: 0.1,
  });
  put({ 'proc/net/snmp': snmp(3, 0), 'sys/class/net/enp1s0/statistics/rx_errors': '0\n' });
  expect(await health.read()).toMatchObject({ network: { errors: 0, dropped: 0 } });
});

test('a cable that is out is told of the card that is there', async () => {
  put({ ...box, 'proc/net/route': 'Iface\tDestination\n', 'sys/class/net/enp1s0/carrier': '0\n' });
  expect(await open().read()).toMatchObject({ network: { name: 'enp1s0', up: false } });
});

test('a box that tells nothing is told of as far as it goes', async () => {
  const disk = { totalMb: expect.any(Number), freeMb: expect.any(Number) };
  expect(await open().read()).toEqual({ upMs: 0, load: 0, cores: 1, disk });
  expect(await open().inventory()).toEqual({ displays: ['VGA'], macs: [], usb: [], audio: [] });
});

function edid(name: string): Buffer {
  const data = Buffer.alloc(128);
  data.set([0, 0, 0, 0xfc, 0], 72);
  data.write(`${name}\n`, 77, 'latin1');
  return data;
}

const usb = (at: string, vendor: string, product: string, name: string, more: Record<string, string> = {}) =>
  Object.fromEntries(
    Object.entries({ idVendor: vendor, idProduct: product, product: name, bDeviceClass: '00', ...more }).map(
      ([file, text]) => [`sys/bus/usb/devices/${at}/${file}`, `${text}\n`],
    ),
  );

const plugged = {
  ...usb('usb1', '1d6b', '0002', 'xHCI Host Controller', { bDeviceClass: '09' }),
  ...usb('1-1', '046d', '0a44', 'Headset  H390', { manufacturer: 'Logitech' }),
  'sys/bus/usb/devices/1-1:1.0/bInterfaceClass': '01\n',
  'sys/bus/usb/devices/1-1:1.3/bInterfaceClass': '03\n',
  ...usb('1-10', '17ef', '6099', 'Keyboard'),
  'sys/bus/usb/devices/1-10:1.0/bInterfaceClass': '03\n',
  ...usb('1-2', 'dead', 'beef', ''),
  'proc/asound/cards':
    ' 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      HDA Intel PCH at 0xf7e10000 irq 30\n 1 [H390           ]: USB-Audio - Logitech USB Headset\n',
  'sys/class/drm/card0-HDMI-A-1/status': 'connected\n',
  'sys/class/drm/card0-HDMI-A-1/edid': edid('DELL P2419H'),
  'sys/class/drm/card0-DP-1/status': 'connected\n',
  'sys/class/drm/card0-DP-2/status': 'disconnected\n',
};

test('what is plugged in is told, a headset as something to hear by', async () => {
  put({ ...box, ...plugged });
  expect(await open({ model: 'T1' }).inventory()).toEqual({
    model: 'T1',
    macs: ['00:11:22:33:44:55'],
    displays: ['DP-1', 'HDMI-A-1 DELL P2419H'],
    usb: [
      { name: 'Logitech Headset H390', kind: 'audio', id: '046d:0a44' },
      { name: 'Keyboard', kind: 'input', id: '17ef:6099' },
      { name: 'dead:beef', kind: 'other', id: 'dead:beef' },
    ],
    audio: ['HDA Intel PCH', 'Logitech USB Headset'],
  });
});

test('a maker that cannot be asked leaves the rest as it is, and is not asked for ever', async () => {
  let asked = 0;
  const machine = () => {
    asked++;
    return Promise.reject(new Error('no lspci'));
  };
  put(plugged);
  const health = new KernelHealth({ root, folder: root, viewerCommand: 'v', agentPid: 1, machine });
  for (let i = 0; i < 7; i++)
    expect(await health.inventory()).toMatchObject({ usb: [{ kind: 'audio' }, {}, {}] });
  expect(asked).toBe(5);
});
