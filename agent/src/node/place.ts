import { join } from 'node:path';
import { z } from 'zod';
import type { Log } from '@anyseat/base';
import type { Welcome } from '@anyseat/protocol';
import type { PageState } from '../common/bridge.ts';
import { ownFolder, readIfThere, trySecretFile } from './atomicFile.ts';

const place = z.object({
  site: z.object({ title: z.string(), timeZone: z.string() }).optional(),
  seat: z.string().optional(),
});

export type Place = PageState['place'];

/** Where the hub said last that this box stands, so that the page can say so before the hub answers. For show only. */
export class PlaceFile {
  readonly #path: string;
  readonly #log: Log;
  #place: Place;

  constructor(stateDir: string, log: Log) {
    this.#log = log;
    this.#path = join(ownFolder(stateDir), 'place.json');
    this.#place = this.#read();
  }

  get place(): Place {
    return this.#place;
  }

  learn({ site, seat }: Welcome): void {
    const next: Place = {
      ...(site ? { site: { title: site.title, timeZone: site.timeZone } } : {}),
      ...(seat ? { seat: seat.label } : {}),
    };
    if (JSON.stringify(next) === JSON.stringify(this.#place)) return;
    this.#place = next;
    trySecretFile(this.#path, `${JSON.stringify(next)}\n`, this.#log);
  }

  #read(): Place {
    try {
      return place.parse(JSON.parse(readIfThere(this.#path) ?? '{}'));
    } catch {
      return {};
    }
  }
}
