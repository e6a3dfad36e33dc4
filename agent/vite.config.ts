import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The login page, for browsers that come with the agent: Debian's Chromium and Electron. */
export default defineConfig({
  root: fileURLToPath(new URL('src/page', import.meta.url)),
  base: './',
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('dist/page', import.meta.url)),
    emptyOutDir: true,
    target: 'chrome120',
    modulePreload: false,
    // The Content-Security-Policy allows files of ours alone, no data: addresses.
    assetsInlineLimit: 0,
  },
});
