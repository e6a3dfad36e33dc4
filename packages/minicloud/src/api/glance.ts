import type { Image } from '../model/image.ts';
import { Refusal } from '../model/refusal.ts';
import { isoSeconds, json, type ApiAnswer, type AuthedCall, type Call } from './answer.ts';
import type { ServiceDeps } from './api.ts';
import { framed, limitOf } from './frame.ts';
import { route } from './routes.ts';

/** Glance's default page. */
const PAGE = 25;
const LONGEST_PAGE = 1000;
/** What the query may compare with; anything else is an image's property. */
const ORDERS = new Set(['created_at', 'updated_at', 'name', 'id', 'size', 'status']);

/** Glance v2, read only: images are registered at the start. */
export function glance(deps: ServiceDeps): (call: Call) => ApiAnswer {
  const owner = deps.cloud.installation.projects[0]!.id;
  const serve = framed(deps, {
    headers: (call) => ({ 'X-Openstack-Request-Id': call.requestId }),
    refuse: page,
    routes: [
      route('GET /v2/images', (call) => list(deps, call, owner)),
      route('GET /v2/images/:id', (call) => {
        const image = deps.cloud.image(call.params['id']!);
        if (!image) throw new Refusal(404, `Failed to find image ${call.params['id']}`);
        return json(200, view(image, owner));
      }),
    ],
  });
  return (call) => {
    if (call.path !== '/' && call.path !== '/versions') return serve(call);
    const version = (id: string, status: string) => ({
      id,
      status,
      links: [{ rel: 'self', href: `${deps.origin()}/image/v2/` }],
    });
    return json(300, { versions: [version('v2.15', 'CURRENT'), version('v2.13', 'SUPPORTED')] });
  };
}

/** Glance's refusals are pages, not JSON. */
function page({ status, message }: Refusal): ApiAnswer {
  const title = `${status} ${{ 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed' }[status] ?? 'Error'}`;
  const body = `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${message}<br /><br />\n\n\n\n </body>\n</html>`;
  return { status, headers: { 'Content-Type': 'text/html; charset=UTF-8' }, body };
}

function list(deps: ServiceDeps, call: AuthedCall, owner: string): ApiAnswer {
  const found = [...deps.cloud.images()]
    .toReversed()
    .filter((image) => isWanted(image, call.query))
    .sort(ordering(call.query));
  const marker = call.query.get('marker');
  const from = marker === null ? 0 : found.findIndex((image) => image.id === marker) + 1;
  if (marker !== null && from === 0) throw new Refusal(400, `Invalid marker: ${marker}`);
  const limit = call.query.has('limit') ? limitOf(call, LONGEST_PAGE) : PAGE;
  const rows = found.slice(from, from + limit);
  const query = new URLSearchParams(call.query);
  query.delete('marker');
  const first = query.size > 0 ? `/v2/images?${query.toString()}` : '/v2/images';
  query.append('marker', rows.at(-1)?.id ?? '');
  const next = rows.length === limit && rows.length > 0 && { next: `/v2/images?${query.toString()}` };
  return json(200, {
    images: rows.map((image) => view(image, owner)),
    first,
    schema: '/v2/schemas/images',
    ...next,
  });
}

function isWanted(image: Image, query: URLSearchParams): boolean {
  const is = (name: string, has: string) => {
    const wanted = query.get(name);
    if (wanted === null) return true;
    return wanted.startsWith('in:') ? listed(wanted.slice(3)).includes(has) : wanted === has;
  };
  return (
    is('name', image.name) &&
    is('id', image.id) &&
    is('status', image.status) &&
    is('disk_format', image.diskFormat) &&
    is('container_format', image.containerFormat) &&
    query.getAll('tag').every((tag) => image.tags.includes(tag))
  );
}

/** `in:"a,b",c`: a value with a comma in it is quoted. */
const listed = (text: string): string[] => [...text.matchAll(/"([^"]*)"|([^,]+)/g)].map((m) => m[1] ?? m[2]!);

/** `sort=name:asc,created_at` or `sort_key` and `sort_dir`; newest first by default. */
function ordering(query: URLSearchParams): (a: Image, b: Image) => number {
  const modern = query
    .get('sort')
    ?.split(',')
    .map((part) => part.split(':') as [string, string?]);
  const classic = query
    .getAll('sort_key')
    .map((key, i): [string, string?] => [key, query.getAll('sort_dir')[i]]);
  const keys = modern ?? (classic.length > 0 ? classic : [['created_at', 'desc'] as [string, string?]]);
  for (const [key] of keys) {
    if (!ORDERS.has(key))
      throw new Refusal(
        400,
        `Invalid sort key: ${key}. It must be one of the following: ${[...ORDERS].join(', ')}.`,
      );
  }
  const value = (image: Image, key: string): string | number =>
    key === 'created_at' || key === 'updated_at'
      ? image.createdAt
      : key === 'size'
        ? image.size
        : key === 'name'
          ? image.name
          : key === 'status'
            ? image.status
            : image.id;
  return (a, b) => {
    for (const [key, direction] of keys) {
      const [x, y] = [value(a, key), value(b, key)];
      if (x !== y) return (x < y ? -1 : 1) * (direction === 'asc' ? 1 : -1);
    }
    // Registered together: the later one counts as newer.
    return 0;
  };
}

const view = (image: Image, owner: string): object => ({
  ...image.properties,
  name: image.name,
  disk_format: image.diskFormat,
  container_format: image.containerFormat,
  visibility: 'public',
  size: image.size,
  virtual_size: image.diskFormat === 'raw' ? image.size : null,
  status: image.status,
  checksum: image.checksum,
  protected: false,
  min_ram: image.minRamMb,
  min_disk: image.minDiskGb,
  owner,
  os_hidden: false,
  os_hash_algo: image.hash === null ? null : 'sha512',
  os_hash_value: image.hash,
  id: image.id,
  created_at: isoSeconds(image.createdAt),
  updated_at: isoSeconds(image.createdAt),
  tags: image.tags,
  self: `/v2/images/${image.id}`,
  file: `/v2/images/${image.id}/file`,
  schema: '/v2/schemas/image',
});
