import { defineConfig } from 'vitest/config';

/** One project a kind of test; `npm test` runs all but `openstack`, which wants the lab (`npm run test:openstack`). */
const project = (name: string, include: string[], testTimeout: number) => ({
  extends: true as const,
  test: { name, include, testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    pool: 'forks',
    setupFiles: ['test/noLeakedHandles.ts'],
    projects: [
      project(
        'unit',
        ['{packages/*,agent,hub,installer}/src/**/*.test.{ts,tsx}', 'test/{laws,bench}/**/*.test.ts'],
        10_000,
      ),
      project('contracts', ['test/contracts/**/*.test.ts'], 60_000),
      project('simulation', ['test/simulation/**/*.test.ts'], 120_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 180_000),
      project('openstack', ['test/openstack/**/*.test.ts'], 900_000),
    ],
  },
});
