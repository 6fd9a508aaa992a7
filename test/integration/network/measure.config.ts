/** Runs the measurements, which take longer than tests and are not part of them. */
import { defineConfig } from 'vitest/config';
import base from '../../../vitest.config.ts';

const { test: _, ...common } = base;

export default defineConfig({
  ...common,
  test: {
    include: ['test/**/*.measure.ts'],
    globalSetup: 'test/support/global-setup.ts',
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 900_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
