import { poolsNamed } from './allocator.ts';
import type { Catalogue } from './catalogue.ts';

/** Something that an allocator wants for people and that a cloud does not give. */
export interface UnmetWish {
  name: string;
  path: string[];
  text: string;
}

const WISHES = { audio: 'sound', usb: 'USB redirection' } as const;

/**
 * Sound and USB redirection that allocators write down (`viewer.audio: true`, `viewer.usb: true`), where the cloud of one of
 * their pools cannot give them.
 *
 * @param gives whether a cloud can; undefined where that is not known
 */
export function unmetWishes(
  { allocators, pools }: Catalogue,
  gives: (cloud: string) => boolean | undefined,
): UnmetWish[] {
  return [...allocators.values()].flatMap(({ name, spec }) => {
    const clouds = new Set(poolsNamed(spec).flatMap(({ pool }) => pools.get(pool)?.spec.cloud ?? []));
    const without = [...clouds].filter((cloud) => gives(cloud) === false);
    if (without.length === 0) return [];
    return (['audio', 'usb'] as const)
      .filter((wish) => spec.viewer?.[wish] === true)
      .map((wish) => ({
        name,
        path: ['viewer', wish],
        text: `cloud ${without.join(', ')} cannot give desktops ${WISHES[wish]}: Nova does from 2025.2 on (image properties hw_sound_model, hw_usb_model and hw_redirected_usb_ports). People get everything else`,
      }));
  });
}
