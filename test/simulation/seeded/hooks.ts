import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { mutants, type Patch } from './mutants.ts';

/**
 * Loaded before everything else (`--import`): the modules through which the hub meets the network lead to the world's
 * network instead. What they are asked by is the hub's own code, unchanged.
 */
const root = new URL('../../../', import.meta.url).href;
const instead = (file: string) => new URL(`instead/${file}`, import.meta.url).href;

const replaced: readonly { what: string; of: string; by: string }[] = [
  { what: 'undici', of: 'packages/openstack/src/wire/', by: instead('undici.ts') },
  { what: 'ws', of: 'hub/src/tc/', by: instead('ws.ts') },
  { what: 'node:http', of: 'hub/src/', by: instead('http.ts') },
  { what: 'fastify', of: 'hub/src/operator/', by: instead('fastify.ts') },
  { what: 'prom-client', of: 'hub/src/', by: instead('promClient.ts') },
  { what: '@anyseat/spice', of: 'hub/src/', by: instead('spice.ts') },
];

const patches: Patch[] = [
  // Ids are made of chance that is fetched in stock: what one world left over would be in the next one's ids.
  { file: 'packages/base/src/ids.ts', find: 'new Uint8Array(1024)', put: 'new Uint8Array(1)' },
  // Unused desktops are switched off after an hour at the earliest, and a world lasts for minutes.
  {
    file: 'hub/src/domain/pool/park.ts',
    find: 'inStateMs(d) > hours * HOUR',
    put: 'inStateMs(d) > (hours * HOUR) / 180',
  },
];
const mutant = process.env['ANYSEAT_MUTANT'];
if (mutant !== undefined) {
  const own = mutants[mutant];
  if (!own) throw new Error(`there is no mutant “${mutant}”; there are ${Object.keys(mutants).join(', ')}`);
  patches.push(...own.patches);
}

registerHooks({
  resolve(specifier, context, nextResolve) {
    const found = replaced.find(
      (r) => r.what === specifier && context.parentURL?.startsWith(root + r.of) === true,
    );
    return found
      ? { url: found.by, shortCircuit: true, format: 'module-typescript' }
      : nextResolve(specifier, context);
  },
  load(url, context, nextLoad) {
    const own = patches.filter((patch) => url === root + patch.file);
    if (own.length === 0) return nextLoad(url, context);
    let source = readFileSync(fileURLToPath(url), 'utf8');
    for (const { file, find, put } of own) {
      const at = source.indexOf(find);
      if (at < 0 || source.includes(find, at + 1)) throw new Error(`${file} no longer has, once: ${find}`);
      source = source.replace(find, () => put);
    }
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
