import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Electron's side of the agent, one file each: `--mode main` and `--mode preload`. */
export default defineConfig(({ mode }) => ({
  ssr: { noExternal: true },
  build: {
    ssr: path(mode === 'preload' ? 'src/shell/electron/preload.cts' : 'src/shell/electron/main.ts'),
    outDir: path('dist/electron'),
    emptyOutDir: false,
    target: 'node24',
    rolldownOptions: {
      external: ['electron', /^node:/],
      output:
        mode === 'preload'
          ? { format: 'cjs', entryFileNames: 'preload.cjs' }
          : { format: 'es', entryFileNames: 'main.js' },
    },
  },
}));
