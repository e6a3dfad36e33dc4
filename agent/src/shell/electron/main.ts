import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  ipcMain,
  protocol,
  session,
  type IpcMainEvent,
  type WebContents,
} from 'electron';
import { PAGE_POLICY } from '@anyseat/base/builtPage';
import { readPage } from '../../node/bridge/pageFiles.ts';
import {
  HELLO_CHANNEL,
  INTENT_CHANNEL,
  PAGE_ORIGIN,
  PAGE_SCHEME,
  STATE_CHANNEL,
  type FromElectron,
  type ToElectron,
} from './messages.ts';

/**
 * Electron around the login page, started by the agent with an IPC channel and `--kiosk` or not. It shows the page and
 * carries messages; it decides nothing, and ends when the agent does. Bundled into `dist/electron/main.js`, beside which
 * lie `preload.cjs` and, one folder up, the page.
 */
const files = readPage(join(import.meta.dirname, '..', 'page'));
const kiosk = process.argv.includes('--kiosk');

protocol.registerSchemesAsPrivileged([
  { scheme: PAGE_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: false } },
]);
app.enableSandbox();
if (!app.requestSingleInstanceLock()) app.exit(0);
process.on('disconnect', () => app.exit(0));
app.on('window-all-closed', () => app.exit(0));
app.on('web-contents-created', (_event, contents) => lockIn(contents));
app.whenReady().then(open, fail);

function open(): void {
  protocol.handle(PAGE_SCHEME, ({ url }) => serve(url));
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  defaultSession.setPermissionCheckHandler(() => false);
  const window = new BrowserWindow({
    kiosk,
    width: 1280,
    height: 800,
    autoHideMenuBar: true,
    backgroundColor: '#fbfaf7',
    webPreferences: {
      preload: join(import.meta.dirname, 'preload.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      devTools: false,
      spellcheck: false,
    },
  });
  window.removeMenu();
  // Alt+F4 in a kiosk: the window manager swallows it; where there is none, we do.
  window.on('close', (event) => {
    if (kiosk) event.preventDefault();
  });
  carry(window);
  load(window);
}

/** A page that cannot be shown is the agent's to notice: it starts us afresh. */
function load(window: BrowserWindow): void {
  window.loadURL(`${PAGE_ORIGIN}/`).catch(fail);
}

function fail(): void {
  app.exit(1);
}

/** Messages between the page and the agent. */
function carry(window: BrowserWindow): void {
  const { webContents } = window;
  process.on('message', (message: ToElectron) => webContents.send(STATE_CHANNEL, message.state));
  ipcMain.on(HELLO_CHANNEL, (event) => {
    if (isOurs(event, webContents)) tellAgent({ type: 'hello' });
  });
  ipcMain.on(INTENT_CHANNEL, (event, intent: unknown) => {
    if (isOurs(event, webContents)) tellAgent({ type: 'intent', intent });
  });
  webContents.on('render-process-gone', () => {
    tellAgent({ type: 'gone' });
    load(window);
  });
  webContents.on('unresponsive', () => webContents.forcefullyCrashRenderer());
}

const tellAgent = (message: FromElectron): void => void process.send?.(message);

function isOurs(event: IpcMainEvent, page: WebContents): boolean {
  return event.sender === page && event.senderFrame?.url.startsWith(`${PAGE_ORIGIN}/`) === true;
}

/** No way out: no navigation, no second window, no attached view. */
function lockIn(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

function serve(url: string): Response {
  const file = url.startsWith(`${PAGE_ORIGIN}/`) ? files.get(new URL(url).pathname) : undefined;
  if (!file) return new Response('There is no such page.', { status: 404 });
  return new Response(new Uint8Array(file.body), {
    headers: { ...PAGE_POLICY, 'content-type': file.type },
  });
}
