import { InvalidArgumentError } from 'commander';
import { readFingerprint } from '@anyseat/protocol';

/** What somebody typed as a fingerprint, as the hub writes it. @throws InvalidArgumentError */
export function fingerprint(typed: string): string {
  const read = readFingerprint(typed);
  if (read === undefined)
    throw new InvalidArgumentError(
      'A fingerprint looks like K7F2-9QWM-3XTD-0V8N; anyseat get tcs shows them.',
    );
  return read;
}
