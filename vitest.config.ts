import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { embed } from './wasm/embed.mjs';

const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8'));
const names: Readonly<Record<string, readonly [path: string]>> = compilerOptions.paths;

/** The longest test files, the longest first: if one began last, the other workers would wait for it. */
const LONG = [
  'unix/runtimes',
  'server/web-config',
  'unix/workers',
  'server/passwords',
  'browser/clients',
  'browser/fleet',
  'native/client',
  'package/types',
  'package/bundled',
  'cli/scenarios',
  'health/states',
  'browser/live',
  'clock/truth',
  'cli/waitsync',
  'server/deployment',
  'docs/programs',
  'browser/fleet-table',
  'server/live',
  'fleet/events',
  'cli/states',
  'browser/fleet-large',
  'browser/accessible',
  'server/hostile',
  'package/reproducible',
  'wasm/published',
  'fuzz/fuzz',
].map((name) => `/${name}.test.ts`);

/** Tests of their own process: its descriptors, memory and signal handlers. Each file has a process of its own. */
const ALONE = [
  'test/integration/{life,limits,security}/**/*.test.ts',
  'test/integration/client/{lifecycle,poll-many}.test.ts',
  'test/integration/clock/bounded-clock.test.ts',
  'test/system/fuzz-wasm/**/*.test.ts',
  'test/unit/{client/watch-many,socket/unix/descriptors}.test.ts',
];

/** Runs the longest files first, and one project after the other: a worker keeps its modules only within a project. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const long = LONG.findIndex((name) => moduleId.endsWith(name));
      return ['rest', 'alone', 'unit'].indexOf(project.name) * 1000 + (long < 0 ? LONG.length : long);
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

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
    maxWorkers: Math.ceil(2.5 * availableParallelism()),
    sequence: { sequencer: LongestFirst },
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
          exclude: [...configDefaults.exclude, ...ALONE],
          pool: 'threads',
          // starting a worker for each file, which loads the modules again, would take a second per file
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['test/**/*.test.ts'],
          // test/system/versions has a configuration of its own: make test-versions
          exclude: [...configDefaults.exclude, ...ALONE, 'test/unit/**', 'test/system/versions/**'],
          isolate: false,
          globalSetup: 'test/support/global-setup.ts',
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: ALONE, globalSetup: 'test/support/global-setup.ts' },
      },
    ],
  },
});
