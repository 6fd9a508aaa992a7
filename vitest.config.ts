import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    {
      // What esbuild's loader `binary` does in the build.
      name: 'wasm-as-bytes',
      enforce: 'pre',
      async load(id) {
        if (!id.endsWith('.wasm')) return undefined;
        const base64 = (await readFile(id)).toString('base64');
        return `export default new Uint8Array(Buffer.from(${JSON.stringify(base64)}, 'base64'))`;
      },
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
