// esbuild-splitting.mjs ENTRY FOLDER: ES modules, with a separate file for each dynamic import.
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
