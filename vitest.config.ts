import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { embed } from './wasm/embed.mjs';

export default defineConfig({
  plugins: [
    {
      name: 'embed-wasm',
      enforce: 'pre',
      load: (id) => (id.endsWith('.wasm') ? embed(id) : undefined),
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    // these fetch the versions of chrony that they are about: make test-versions
    exclude: [...configDefaults.exclude, 'test/system/versions/**'],
    globalSetup: 'test/support/global-setup.ts',
    // most of a test is waiting for other processes
    maxWorkers: 2 * availableParallelism(),
    // a loaded machine is slow, and only what hangs gets this far
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
