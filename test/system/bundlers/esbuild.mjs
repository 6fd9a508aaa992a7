// esbuild.mjs ENTRY FOLDER: one CommonJS file.
import { build } from 'esbuild';

const [, , entry, folder] = process.argv;
await build({
  entryPoints: { bundle: entry },
  outdir: folder,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
});
