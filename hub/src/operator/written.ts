import { stringify } from 'yaml';
import { z } from 'zod';
import { checkConfig, Fault, meant, parseYamlAside } from '@anyseat/base';
import {
  resourceFile,
  resourceKinds,
  specOf,
  writtenQuery,
  writtenRequest,
  type ReadAnswer,
  type ResourceKind,
  type WrittenAnswer,
} from '@anyseat/protocol';
import type { Resource } from '../domain/catalogue.ts';
import type { Asked, OperatorDeps } from './routes.ts';

/** One resource as it stands, to be changed: as YAML, as values, and what may be written (JSON Schema). */
export function written({ query }: Asked, { keeper }: OperatorDeps): Promise<WrittenAnswer> {
  const { kind, name } = writtenQuery.parse(query);
  const schema = schemaOf(kind);
  if (name === undefined) return Promise.resolve({ kind, schema });
  const all: ReadonlyMap<string, Resource<unknown>> = keeper.current[kind];
  const found = all.get(name);
  if (!found) {
    const text = `there is no ${kind}/${name}${meant(name, all.keys())}`;
    throw new Fault('resource-unknown', 'refused', text);
  }
  const { spec, revision, author, changedAt } = found;
  const text = textOf(kind, name, spec);
  return Promise.resolve({ kind, schema, name, text, spec, revision, author, changedAt });
}

/**
 * A file of resources, read: as values and as YAML with everything that is left out filled in. Nothing is changed.
 * @throws ConfigFault with every problem, as `apply` has them for a file alone
 */
export async function read({ body }: Asked): Promise<ReadAnswer> {
  const { text } = writtenRequest.parse(body);
  await using yaml = await parseYamlAside(text, 'as written');
  const file = await yaml.withPlaces((parsed) => checkConfig(resourceFile, parsed, 'as written'));
  const resources = resourceKinds.flatMap((kind) =>
    Object.entries<unknown>(file[kind]).map(([name, spec]) => ({
      kind,
      name,
      spec,
      text: textOf(kind, name, spec),
    })),
  );
  return { resources };
}

const textOf = (kind: ResourceKind, name: string, spec: unknown): string =>
  stringify({ [kind]: { [name]: spec } }, { lineWidth: 100 });

const schemaOf = (kind: ResourceKind): unknown =>
  z.toJSONSchema(specOf[kind], { io: 'input', unrepresentable: 'any' });
