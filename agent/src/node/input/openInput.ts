import type { Clock, Log } from '@anyseat/base';
import type { AgentConfig } from '../config.ts';
import type { Input } from './input.ts';
import { UiohookInput } from './uiohookInput.ts';
import { X11Input } from './x11Input.ts';

/** What counts on this box, as its settings say; undefined: nothing. */
export function openInput(
  by: AgentConfig['input']['by'],
  options: { environment: NodeJS.ProcessEnv; clock: Clock; log: Log },
): Input | undefined {
  switch (by) {
    case 'xinput':
      return new X11Input(options);
    case 'uiohook':
      return new UiohookInput(options);
    case 'nothing':
      return undefined;
    default:
      return by satisfies never;
  }
}
