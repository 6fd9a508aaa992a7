/** Runs what measures rather than tests: longer, on its own, and not among the tests. */
import { defineConfig } from 'vitest/config';
import tests from '../../../vitest.config.ts';

export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    include: ['test/**/*.measure.ts'],
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 900_000,
  },
});
