import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Fault } from '@anyseat/base';
import type { GuestImage } from '../hypervisor/hypervisor.ts';
import type { ImageOptions } from '../options.ts';
import type { Chance } from './chance.ts';

/** An image as Glance keeps it. `file` is where its bytes are on this machine; nothing outside sees that. */
export interface Image {
  id: string;
  name: string;
  status: 'active' | 'deactivated';
  diskFormat: string;
  containerFormat: string;
  size: number;
  checksum: string | null;
  hash: string | null;
  minDiskGb: number;
  minRamMb: number;
  tags: string[];
  properties: Record<string, string>;
  createdAt: number;
  file: string | null;
  /** Size and time of the file: an image whose file was replaced is another image. */
  stamp: string;
}

/** Larger files are not read through for the sake of a checksum. */
const LARGEST_HASHED = 64 * 2 ** 20;

/** The image and, where it has them, the images of its kernel and ramdisk, which Glance keeps apart. */
export function newImages(options: ImageOptions, chance: Chance, now: number): Image[] {
  const parts: Image[] = [];
  const part = (file: string | undefined, kind: 'aki' | 'ari'): string | undefined => {
    if (file === undefined) return undefined;
    const image = oneImage(
      `${options.name}-${kind === 'aki' ? 'kernel' : 'ramdisk'}`,
      kind,
      file,
      chance,
      now,
    );
    parts.push(image);
    return image.id;
  };
  const kernelId = part(options.kernel, 'aki');
  const ramdiskId = part(options.initrd, 'ari');
  const main = oneImage(options.name, options.format ?? 'raw', options.disk, chance, now);
  main.minDiskGb = options.minDiskGb ?? 0;
  main.minRamMb = options.minMemoryMb ?? 0;
  main.tags = [...(options.tags ?? [])];
  main.stamp = stampOf(options);
  main.properties = {
    ...options.properties,
    ...(kernelId && { kernel_id: kernelId }),
    ...(ramdiskId && { ramdisk_id: ramdiskId }),
    ...(options.commandLine && { os_command_line: options.commandLine }),
  };
  return [...parts, main];
}

/** Changes when what an image is made of changes. */
export function stampOf(options: ImageOptions): string {
  const files = [options.kernel, options.initrd, options.disk].map((file) => {
    if (file === undefined) return '-';
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) {
      const fields = { image: options.name, file };
      throw new Fault('minicloud-image-missing', 'terminal', `image ${options.name}: there is no ${file}`, {
        fields,
      });
    }
    return `${file}:${stat.size}:${stat.mtimeMs}`;
  });
  return [...files, options.commandLine ?? '', JSON.stringify(options.properties ?? {})].join('|');
}

/** What a guest of this image boots from. */
export function bootOf(image: Image, images: ReadonlyMap<string, Image>): GuestImage {
  const fileOf = (property: string): string | undefined => {
    const id = image.properties[property];
    return (id === undefined ? undefined : images.get(id)?.file) ?? undefined;
  };
  return {
    kernel: fileOf('kernel_id'),
    initrd: fileOf('ramdisk_id'),
    commandLine: image.properties['os_command_line'],
    disk: image.file === null ? undefined : { path: image.file, format: image.diskFormat },
  };
}

function oneImage(
  name: string,
  format: string,
  file: string | undefined,
  chance: Chance,
  now: number,
): Image {
  const size = file === undefined ? 2 ** 20 : statSync(file).size;
  const content =
    file === undefined ? Buffer.alloc(size) : size <= LARGEST_HASHED ? readFileSync(file) : undefined;
  const digest = (kind: string) => (content ? createHash(kind).update(content).digest('hex') : null);
  return {
    id: chance.uuid(),
    name,
    status: 'active',
    diskFormat: format,
    containerFormat: format === 'aki' || format === 'ari' ? format : 'bare',
    size,
    checksum: digest('md5'),
    hash: digest('sha512'),
    minDiskGb: 0,
    minRamMb: 0,
    tags: [],
    properties: {},
    createdAt: now,
    // Absolute: a disk made over it stands in another folder.
    file: file === undefined ? null : resolve(file),
    stamp: file === undefined ? '' : basename(file),
  };
}
