import { InvalidArgumentError } from 'commander';
import { resourceKinds } from '@anyseat/protocol';

/** `allocators/night` as typed; `allocator/night` is as good. */
export function resourceIn(said: string): { kind: string; name: string } {
  const [typed, name, ...more] = said.split('/');
  const kind = resourceKinds.find((one) => one === typed || one === `${typed}s`);
  if (kind === undefined || name === undefined || name === '' || more.length > 0)
    throw new InvalidArgumentError(`KIND/NAME, the kinds being ${resourceKinds.join(', ')}.`);
  return { kind, name };
}
