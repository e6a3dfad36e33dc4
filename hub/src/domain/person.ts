/**
 * A person as a directory knows them. `id` is the directory's name and the entry's own lasting key (objectGUID,
 * entryUUID, the file's uuid), never the login name: renamed or moved, it stays the same person.
 */
export interface Person {
  /** `directory:key`. */
  id: string;
  directory: string;
  /** The login name as the directory spells it. */
  user: string;
  displayName: string;
  /** Distinguished name (RFC 4514); its parents are the OUs the person lives under. */
  dn: string;
  /** All groups, nested and primary ones too: distinguished names, or plain names where the directory has no DNs. */
  groups: readonly string[];
  /** Attributes that allocators can match, each with all its values, in the directory's spelling. */
  attributes: Readonly<Record<string, readonly string[]>>;
}

/** Why a directory did not let a person in. To the person, `unknown-user` reads like `wrong-password`. */
export type AuthRefusal =
  | 'wrong-password'
  | 'unknown-user'
  | 'ambiguous-user'
  | 'empty-password'
  | 'account-locked'
  | 'account-disabled'
  | 'account-expired'
  | 'not-these-hours'
  | 'not-this-workstation'
  | 'password-expired'
  | 'password-must-change';

export type AuthAnswer =
  | { ok: true; person: Person }
  | {
      ok: false;
      reason: AuthRefusal;
      /** Epoch ms, where a lock ends by itself. */
      until?: number;
      /** Of a password that ran out or must be changed: its person can do so here (`changePassword`). */
      changeable?: boolean;
    };

/**
 * What a directory says of somebody later, without a password: `barred` is why they would not be let in any more, so far as
 * it lasts (a lock after wrong passwords does not); `undefined` when it has no such person any more.
 */
export type Standing = { person: Person; barred: AuthRefusal | undefined } | undefined;

/** Why a directory did not take a new password, once it believed the old one. */
export type NewPasswordRefusal =
  | 'password-too-short'
  | 'password-too-simple'
  | 'password-too-young'
  | 'password-used-before'
  /** The directory does not say which of its rules it breaks. */
  | 'password-not-accepted'
  /** Nobody changes this one here: not this person, or not in this directory. */
  | 'password-not-changeable';

/** `fields` are for the sentence: what the directory's rules ask for. */
export type ChangeAnswer =
  | { ok: true; id: string; user: string }
  | {
      ok: false;
      reason: AuthRefusal | NewPasswordRefusal;
      fields?: Readonly<Record<string, number>>;
    };
