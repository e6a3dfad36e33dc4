import type { Bridge } from '../../common/bridge.ts';
import { openWireBridge } from './wireBridge.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload; absent in any other browser. */
    anyseat?: Bridge;
  }
}

/** The way to the agent that this shell has. */
export function openBridge(): Bridge {
  return window.anyseat ?? openWireBridge(`${location.origin.replace(/^http/, 'ws')}/bridge`);
}
