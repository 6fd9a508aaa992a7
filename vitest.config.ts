import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { embed } from './wasm/embed.mjs';

const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8'));
const names: Readonly<Record<string, readonly [path: string]>> = compilerOptions.paths;

export default defineConfig({
  plugins: [
    {
      name: 'embed-wasm',
      enforce: 'pre',
      load: (id) => (id.endsWith('.wasm') ? embed(id) : undefined),
    },
  ],
  // what the package calls by name is its source here, not what was last built
  resolve: {
    alias: Object.entries(names).map(([name, [path]]) => ({
      find: new RegExp(`^${name}$`),
      replacement: resolve(import.meta.dirname, path),
    })),
  },
  test: {
    // most of a test is waiting for other processes
    maxWorkers: 2 * availableParallelism(),
    // a loaded machine is slow, and only what hangs gets this far
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          // loading the modules again for each file would take longer than the tests
          pool: 'threads',
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['test/**/*.test.ts'],
          // test/system/versions has a configuration of its own: make test-versions
          exclude: [...configDefaults.exclude, 'test/unit/**', 'test/system/versions/**'],
          globalSetup: 'test/support/global-setup.ts',
        },
      },
    ],
  },
});
