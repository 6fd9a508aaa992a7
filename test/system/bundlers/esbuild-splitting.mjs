// esbuild-splitting.mjs ENTRY FOLDER: ES modules, and what is loaded when it is needed in a file of its own.
import { build } from 'esbuild';

const [, , entry, folder] = process.argv;
await build({
  entryPoints: { bundle: entry },
  outdir: folder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  // prom-client is CommonJS
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
