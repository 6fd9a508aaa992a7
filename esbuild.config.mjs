// Bundles what the package ships: each entry is one file with the WebAssembly binary inside.
import { chmod, copyFile, readFile, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const outdir = 'dist';
const { version } = JSON.parse(await readFile('package.json', 'utf8'));

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: { index: 'src/index.ts', 'testing/index': 'src/testing/index.ts', cli: 'src/cli/main.ts' },
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  define: { VERSION: JSON.stringify(version) },
  loader: { '.wasm': 'binary' },
  // not the identifiers: class names show in console.log(), function names in stack traces
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: 'warning',
});
await copyFile('wasm/libchrony.wasm', `${outdir}/libchrony.wasm`);
await chmod(`${outdir}/cli.js`, 0o755);
