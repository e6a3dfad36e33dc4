import { expect, test } from 'vitest';
import { chromiumArguments } from './chromiumShell.ts';

test('the sandbox is only given up as root, and a window is a window', () => {
  const options = {
    address: 'http://127.0.0.1:1/open/x',
    profile: '/run/agent/chromium',
    mode: 'kiosk' as const,
    arguments: ['--force-device-scale-factor=2'],
    root: false,
  };
  expect(chromiumArguments(options)).toContain('--kiosk');
  expect(chromiumArguments(options)).not.toContain('--no-sandbox');
  expect(chromiumArguments(options).at(-1)).toBe('--force-device-scale-factor=2');
  const asRoot = chromiumArguments({ ...options, root: true, mode: 'window' });
  expect(asRoot).toContain('--no-sandbox');
  expect(asRoot).not.toContain('--kiosk');
  // Anybody on the box could drive the page through a debug port.
  expect(chromiumArguments(options).some((one) => one.includes('remote-debugging'))).toBe(false);
});
