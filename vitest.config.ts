import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { embed } from './wasm/embed.mjs';

const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.json', import.meta.url), 'utf8'));
const names: Readonly<Record<string, readonly [path: string]>> = compilerOptions.paths;

/** The slowest test files, the slowest first: if one of them started last, the other workers would be idle meanwhile. */
const SLOW = [
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

/** Tests that examine their own process: its descriptors, memory and signal handlers. Each file runs in a separate process. */
const ALONE = [
  'test/integration/{life,limits,security}/**/*.test.ts',
  'test/integration/client/{lifecycle,poll-many}.test.ts',
  'test/integration/clock/bounded-clock.test.ts',
  'test/system/fuzz-wasm/**/*.test.ts',
  'test/unit/{client/watch-many,socket/unix/descriptors}.test.ts',
];

/** Runs the slowest files first, and one project after the other, since a worker keeps its modules only within a project. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const index = SLOW.findIndex((name) => moduleId.endsWith(name));
      return ['rest', 'alone', 'unit'].indexOf(project.name) * 1000 + (index < 0 ? SLOW.length : index);
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
  // The package's imports by name resolve to its source, not to the last build.
  resolve: {
    alias: Object.entries(names).map(([name, [path]]) => ({
      find: new RegExp(`^${name}$`),
      replacement: resolve(import.meta.dirname, path),
    })),
  },
  test: {
    // Tests mostly wait for other processes.
    maxWorkers: Math.ceil(2.5 * availableParallelism()),
    sequence: { sequencer: LongestFirst },
    // Long enough for a loaded machine: only a hung test reaches it.
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
          // A new worker for each file would load the modules again, which takes a second per file.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['test/**/*.test.ts'],
          // test/system/versions has its own configuration: make test-versions
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
