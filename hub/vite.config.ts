import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The operators' console, for the browsers that operators have. */
export default defineConfig({
  root: fileURLToPath(new URL('src/console', import.meta.url)),
  base: './',
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('dist/console', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    // The Content-Security-Policy allows files of ours alone, no data: addresses.
    assetsInlineLimit: 0,
    // In kB before it is packed; what it may weigh on the wire is said by its test.
    chunkSizeWarningLimit: 1000,
  },
});
