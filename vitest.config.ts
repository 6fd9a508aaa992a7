import { defineConfig } from 'vitest/config';
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
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
