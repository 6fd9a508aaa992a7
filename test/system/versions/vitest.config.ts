/** `make test-versions`: all comparisons with chronyc, once with the chrony of each suite. */
import { resolve } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';
import { NEWEST, SUITES } from './suites.ts';

const root = resolve(import.meta.dirname, '../../..');

const FILES = [
  'test/system/versions/*.test.ts',
  'test/integration/cli/states.test.ts',
  'test/integration/cli/scenarios.test.ts',
  'test/integration/cli/questions.test.ts',
  'test/integration/cli/waitsync.test.ts',
  'test/integration/cli/options.test.ts',
  'test/integration/client/reports.test.ts',
  'test/integration/client/tracking.test.ts',
];

/** Tests with generated reports, whose output follows the newest chronyc only. */
const OF_THE_NEWEST = ['test/integration/cli/generated.test.ts'];

const projects = Object.keys(SUITES).map((suite) =>
  mergeConfig(
    { plugins: base.plugins, resolve: base.resolve },
    {
      root,
      test: {
        name: suite,
        env: { CHRONY_SUITE: suite },
        include: [...FILES, ...(suite === NEWEST ? OF_THE_NEWEST : [])],
        testTimeout: 120_000,
        hookTimeout: 120_000,
        // As in the other tests, only a hung test reaches this.
        expect: { poll: { timeout: 60_000 } },
      },
    },
  ),
);

export default defineConfig({
  root,
  test: { projects, globalSetup: 'test/system/versions/global-setup.ts' },
});
