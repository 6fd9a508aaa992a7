/** `make test-versions`: all that is compared with chronyc, once with the chrony of each suite. */
import { resolve } from 'node:path';
import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { NEWEST, SUITES } from './suites.ts';

const root = resolve(import.meta.dirname, '../..');

const FILES = [
  'test/versions/*.test.ts',
  'test/cli/states.test.ts',
  'test/cli/scenarios.test.ts',
  'test/integration/reports.test.ts',
  'test/integration/tracking.test.ts',
];

/** All that may be sent, in the words that ours follows. */
const OF_THE_NEWEST = ['test/cli/generated.test.ts'];

const projects = Object.keys(SUITES).map((suite) =>
  mergeConfig(
    { plugins: base.plugins },
    {
      root,
      test: {
        name: suite,
        env: { CHRONY_SUITE: suite },
        include: [...FILES, ...(suite === NEWEST ? OF_THE_NEWEST : [])],
        testTimeout: 120_000,
        hookTimeout: 120_000,
      },
    },
  ),
);

export default defineConfig({
  root,
  test: { projects, globalSetup: 'test/versions/global-setup.ts' },
});
