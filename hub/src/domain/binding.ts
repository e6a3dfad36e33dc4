import type { Id } from '@anyseat/base';
import type { DesktopId } from './desktop.ts';

export type BindingKind = 'user' | 'seat' | 'tc';

/** A lasting tie of a desktop to a user, a seat or a TC. Changed only by an operator's act or a written policy (rule 3). */
export interface Binding {
  id: Id<'binding'>;
  kind: BindingKind;
  /** A person's id, a seat's name, or a TC's id. */
  key: string;
  pool: string;
  desktop: DesktopId;
  createdAt: number;
  by: string;
  /** The allocator that last gave it: whose policy it follows. Undefined for one that was prepared and never used. */
  allocator: string | undefined;
  /** When a session last had it, or it was made; epoch ms. */
  usedAt: number;
}
