import { z } from 'zod';
import { languages } from '@anyseat/words';
import type { Intent } from '../../common/bridge.ts';

/** What a page may ask for. The limits are those of the frames that it becomes. */
const intent: z.ZodType<Intent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('login'),
    user: z.string().min(1).max(256),
    password: z.string().min(1).max(1024),
  }),
  z.object({ type: z.literal('wantNewPassword'), user: z.string().max(256) }),
  z.object({
    type: z.literal('changePassword'),
    user: z.string().min(1).max(256),
    password: z.string().min(1).max(1024),
    newPassword: z.string().min(1).max(1024),
  }),
  z.object({ type: z.literal('cancel') }),
  z.object({ type: z.literal('confirm') }),
  z.object({ type: z.literal('noted') }),
  z.object({ type: z.literal('closeMenu') }),
  z.object({ type: z.literal('readMessage'), id: z.string().max(64) }),
  z.object({ type: z.literal('denyMessage'), id: z.string().max(64) }),
  z.object({ type: z.literal('backToDesktop') }),
  z.object({ type: z.literal('wantReplacement') }),
  z.object({ type: z.literal('logOff') }),
  z.object({ type: z.literal('setLanguage'), language: z.enum(languages) }),
]);

/** A message from a page as an intent; undefined when it is none. Never throws, and never quotes what it read. */
export function readIntent(message: unknown): Intent | undefined {
  const read = intent.safeParse(message);
  return read.success ? read.data : undefined;
}

/** The same from a text message. */
export function readIntentText(text: string): Intent | undefined {
  try {
    return readIntent(JSON.parse(text));
  } catch {
    return undefined;
  }
}
