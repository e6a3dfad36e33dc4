import type { Flavor } from '../../model/installation.ts';
import { Refusal } from '../../model/refusal.ts';
import { route } from '../routes.ts';
import type { NovaAnswer, NovaCall, NovaDeps, NovaRoute } from './nova.ts';
import { selfLinks } from './serverView.ts';

export function flavorRoutes(deps: NovaDeps): NovaRoute[] {
  return [
    route('GET /flavors', (call) => list(deps, call, (flavor) => brief(deps, flavor, call.minor))),
    route('GET /flavors/detail', (call) => list(deps, call, (flavor) => view(deps, flavor, call.minor))),
    route('GET /flavors/:id', (call) => {
      const flavor = deps.cloud.flavor(call.params['id']!);
      if (!flavor || flavor.retired)
        throw new Refusal(404, `Flavor ${call.params['id']} could not be found.`);
      return { status: 200, body: { flavor: view(deps, flavor, call.minor) } };
    }),
  ];
}

/** Nova pages flavors by `flavorid`, ascending. */
function list(deps: NovaDeps, call: NovaCall, show: (flavor: Flavor) => object): NovaAnswer {
  const all = deps.cloud.flavors().sort((a, b) => (a.id < b.id ? -1 : 1));
  const limit = Math.min(deps.maxLimit, Number(call.query.get('limit') ?? deps.maxLimit));
  const marker = call.query.get('marker');
  const from = marker === null ? 0 : all.findIndex((flavor) => flavor.id === marker) + 1;
  if (marker !== null && from === 0) throw new Refusal(400, `marker [${marker}] not found`);
  const page = all.slice(from, from + limit);
  const href = `${deps.base()}/v2.1${call.path.replace(/^\/v2\.1/, '')}?limit=${limit}&marker=${page.at(-1)?.id}`;
  const more = page.length === limit && { flavors_links: [{ rel: 'next', href }] };
  return { status: 200, body: { flavors: page.map(show), ...more } };
}

const brief = (deps: NovaDeps, flavor: Flavor, minor: number): object => ({
  id: flavor.id,
  name: flavor.name,
  links: selfLinks(deps, 'flavors', flavor.id),
  ...(minor >= 55 && { description: null }),
});

function view(deps: NovaDeps, flavor: Flavor, minor: number): object {
  return {
    id: flavor.id,
    name: flavor.name,
    ram: flavor.ramMb,
    disk: flavor.diskGb,
    // A number from 2.75 on.
    swap: minor >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': true,
    rxtx_factor: 1,
    links: selfLinks(deps, 'flavors', flavor.id),
    ...(minor >= 55 && { description: null }),
    ...(minor >= 61 && { extra_specs: {} }),
  };
}
