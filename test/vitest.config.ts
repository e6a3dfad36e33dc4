import { defineConfig } from 'vitest/config';

/** One project a kind of test; `npm test` runs all but `openstack`, which wants the lab (`npm run test:openstack`). */
const project = (
  name: string,
  include: string[],
  testTimeout: number,
  more: { exclude?: string[]; isolate?: boolean } = {},
) => ({
  extends: true as const,
  test: { name, include, testTimeout, hookTimeout: testTimeout, ...more },
});

/** Tests that start programs which are not ours (a browser, a viewer, QEMU): real parts, and seconds of them. */
const PARTS = '{packages/*,agent,hub,installer}/src/**/*.parts.test.{ts,tsx}';

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    pool: 'forks',
    setupFiles: ['test/noLeakedHandles.ts'],
    projects: [
      // Files share a process and what they import: a third of the CPU time. They may change nothing that is global.
      project(
        'unit',
        ['{packages/*,agent,hub,installer}/src/**/*.test.{ts,tsx}', 'test/{laws,bench}/**/*.test.ts'],
        30_000,
        { exclude: [PARTS], isolate: false },
      ),
      project('parts', [PARTS], 60_000),
      project('contracts', ['test/contracts/**/*.test.ts'], 120_000),
      // A minute each on a quiet machine: these bounds are for one that has ten other things to do.
      project('simulation', ['test/simulation/**/*.test.ts'], 900_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 180_000),
      project('update', ['test/update/**/*.test.ts'], 3_600_000),
      project('openstack', ['test/openstack/**/*.test.ts'], 900_000),
    ],
  },
});
