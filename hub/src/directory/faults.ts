import { Fault } from '@anyseat/base';

/** Down, hung, or not letting the service account in: later it may work. The directory itself was not at fault. */
export function unavailable(directory: string, text: string, cause?: Error): Fault {
  const message = `directory ${directory} cannot be asked: ${text}`;
  return new Fault('directory-unavailable', 'transient', message, { cause, fields: { directory } });
}

/** It answers, and what it answers will never do: an operator must change a setting, here or there. To a person it is the same. */
export function misconfigured(directory: string, text: string, cause?: Error): Fault {
  const message = `directory ${directory} ${text}`;
  return new Fault('directory-unavailable', 'terminal', message, { cause, fields: { directory } });
}

/** It was asked to change a password, and did not answer: it may have done so. */
export function changeUnknown(directory: string, text: string, cause: Error): Fault {
  const message = `directory ${directory} did not say whether it has changed a password: ${text}`;
  return new Fault('password-change-unknown', 'transient', message, { cause, fields: { directory } });
}

/** There is no service account, so nobody can be looked up without their password. */
export function cannotSearch(directory: string): Fault {
  const message = `directory ${directory} has no service account: nobody can be looked up without their password`;
  return new Fault('directory-cannot-search', 'refused', message, { fields: { directory } });
}
