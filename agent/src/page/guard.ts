/** With Ctrl (or Meta): print, save, open, source, find, downloads, history, bookmarks, zoom. */
const WITH_CONTROL = new Set(['p', 's', 'o', 'u', 'f', 'g', 'j', 'h', 'd', '+', '-', '=', '0']);
/** With Ctrl and Shift: the developer tools. */
const WITH_CONTROL_AND_SHIFT = new Set(['i', 'j', 'c', 'k']);
const ALONE = new Set(['F1', 'F3', 'F6', 'F7', 'F10', 'F12']);

/**
 * Shuts what a browser offers besides its page: context menu, dropped files, and keys that open something. Keys that
 * no page may keep (Alt+F4, Ctrl+N, Ctrl+W) are the window manager's to swallow.
 */
export function guard(target: Window): void {
  for (const type of ['contextmenu', 'dragover', 'drop'])
    target.addEventListener(type, (event) => event.preventDefault());
  target.addEventListener('keydown', (event) => {
    if (opensSomething(event)) event.preventDefault();
  });
}

function opensSomething({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): boolean {
  if (ALONE.has(key)) return true;
  if (altKey && (key === 'ArrowLeft' || key === 'ArrowRight' || key === 'Home')) return true;
  if (!ctrlKey && !metaKey) return false;
  return (shiftKey ? WITH_CONTROL_AND_SHIFT : WITH_CONTROL).has(key.toLowerCase());
}
