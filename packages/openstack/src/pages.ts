import { isFault } from '@anyseat/base';

export interface Page<T> {
  readonly items: readonly T[];
  /** Whether the service gave an address of a next page. */
  readonly next: boolean;
}

export interface Pages<T> {
  readonly items: readonly T[];
  /** Why something may be missing, in words; empty when every page was seen. */
  readonly doubts: readonly string[];
}

export interface PageSource<T> {
  page(marker: string | undefined): Promise<Page<T>>;
  idOf(item: T): string | undefined;
  /**
   * `emptyPage`: the end is a page without items. Sure, at the price of one small request: Nova leaves the next address out
   * not only of the last page but also when it dropped a duplicate from a full one (compute/api.py `get_all`,
   * common.py `_get_collection_links`), and clamps a limit above its own without a word.
   * `noNext`: the end is a page without a next address.
   */
  readonly end: 'emptyPage' | 'noNext';
  /** Whether the page after a full one that ends at this item may begin at the wrong place. */
  isUnsureMarker?(last: T): boolean;
}

const MOST_RESTARTS = 2;
/** Eight times what a project of the largest call centre has; beyond it a service gives pages without end. */
const MOST_ITEMS = 100_000;

/**
 * Every page, by our own marker: the addresses that services give may be wrong behind a proxy. Items are told apart by id; each
 * is given once. A marker that the service no longer knows (400) begins the listing anew, twice at most; a page that
 * brings nothing new ends it with a doubt, and so do more things than there can be.
 */
export async function allPages<T>(source: PageSource<T>): Promise<Pages<T>> {
  for (let restarts = 0; ; restarts++) {
    const found = await onePass(source);
    if (found !== 'markerVanished') return found;
    if (restarts >= MOST_RESTARTS)
      return { items: [], doubts: ['the listing had to be begun anew too often'] };
  }
}

async function onePass<T>(source: PageSource<T>): Promise<Pages<T> | 'markerVanished'> {
  const byId = new Map<string, T>();
  const doubts: string[] = [];
  let marker: string | undefined;
  for (;;) {
    const page = await source.page(marker).catch((error: unknown) => {
      if (marker !== undefined && isFault(error) && error.fields['status'] === 400) return undefined;
      throw error;
    });
    if (!page) return 'markerVanished';
    const before = byId.size;
    for (const item of page.items) {
      const id = source.idOf(item);
      if (id !== undefined && !byId.has(id)) byId.set(id, item);
    }
    const done = page.items.length === 0 || (source.end === 'noNext' && !page.next);
    if (done) return { items: [...byId.values()], doubts };
    if (byId.size === before) return { items: [...byId.values()], doubts: [...doubts, 'a page repeated'] };
    if (byId.size > MOST_ITEMS)
      return { items: [...byId.values()], doubts: [...doubts, `more than ${MOST_ITEMS} without an end`] };
    const last = page.items.findLast((item) => source.idOf(item) !== undefined)!;
    marker = source.idOf(last);
    if (page.next && source.isUnsureMarker?.(last))
      doubts.push('a page ended at a server that is not scheduled yet');
  }
}
