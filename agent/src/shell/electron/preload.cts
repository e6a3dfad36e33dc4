import type Electron from 'electron';
import type { Bridge, PageState } from '../../common/bridge.ts';

/**
 * The only bridge between the page and Electron: the page gets `window.anyseat` as `common/bridge.ts` describes it, and
 * nothing else of Electron or Node. A preload in a sandbox can load nothing but Electron itself.
 */
const { contextBridge, ipcRenderer } = require('electron') as typeof Electron;

const bridge: Bridge = {
  listen: (hear) => {
    const onState = (_event: unknown, state: PageState) => hear(state);
    ipcRenderer.on('anyseat:state', onState);
    ipcRenderer.send('anyseat:hello');
    // Without a value: what a function returns is given to the page.
    return () => {
      ipcRenderer.off('anyseat:state', onState);
    };
  },
  send: (intent) => ipcRenderer.send('anyseat:intent', intent),
};
contextBridge.exposeInMainWorld('anyseat', bridge);
