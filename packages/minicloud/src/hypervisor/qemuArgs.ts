import type { QemuOptions, SpiceOptions } from '../options.ts';
import type { Guest } from './hypervisor.ts';

/** Where things of one guest are. */
export interface GuestFiles {
  qmp: string;
  events: string;
  /** Its own disk, over the image's; absent: it has none. */
  disk?: string | undefined;
  ticket?: string | undefined;
}

export interface GuestPorts {
  port: number | null;
  tlsPort: number | null;
}

export const LISTEN = '127.0.0.1';

/**
 * The command line of one guest. TCG unless asked otherwise, and never a list of accelerators: a /dev/kvm that is there
 * and does not work would be taken, with no way back. `-nodefaults`: what is not named here is not there.
 */
export function qemuArgs(
  guest: Guest,
  files: GuestFiles,
  ports: GuestPorts,
  qemu: QemuOptions,
  spice: SpiceOptions,
): string[] {
  const { image } = guest;
  const { kernel, initrd } = image;
  const args: [name: string, value: string | undefined][] = [
    ['-name', `guest=${comma(guest.name)}`],
    ['-uuid', guest.id],
    ['-machine', qemu.machine ?? 'pc,accel=tcg'],
    ['-cpu', qemu.cpu ?? 'qemu64'],
    ['-m', String(guest.memoryMb)],
    ['-smp', String(guest.vcpus)],
    ['-device', qemu.video ?? 'qxl-vga'],
    ['-smbios', `type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,serial=${guest.id}`],
    ['-object', files.ticket && `secret,id=ticket,file=${comma(files.ticket)}`],
    ['-spice', spiceArg(files, ports, spice)],
    ['-qmp', `unix:${comma(files.qmp)},server=on,wait=off`],
    ['-qmp', `unix:${comma(files.events)},server=on,wait=off`],
    ['-kernel', kernel],
    ['-initrd', initrd],
    ['-append', kernel && commandLine(guest)],
    ['-drive', files.disk && `file=${comma(files.disk)},format=qcow2,if=virtio`],
  ];
  const given = args.flatMap(([name, value]) => (value === undefined ? [] : [name, value]));
  return ['-nodefaults', '-no-user-config', ...given, ...(qemu.extra ?? [])];
}

function spiceArg(files: GuestFiles, ports: GuestPorts, spice: SpiceOptions): string {
  return [
    `addr=${spice.listen ?? LISTEN}`,
    ...(ports.port === null ? [] : [`port=${ports.port}`]),
    ...(ports.tlsPort === null
      ? []
      : [`tls-port=${ports.tlsPort}`, `x509-dir=${comma(spice.x509Dir ?? '')}`]),
    files.ticket === undefined ? 'disable-ticketing=on' : 'password-secret=ticket',
  ].join(',');
}

/** The image's own, and the guest's name for it to show. */
const commandLine = (guest: Guest): string =>
  [guest.image.commandLine, `minicloud.hostname=${guest.hostName}`].filter(Boolean).join(' ');

/** QEMU's way of saying that a comma is part of a value. */
const comma = (value: string): string => value.replaceAll(',', ',,');
