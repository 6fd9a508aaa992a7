// Bundles what the package ships; or, given programs of the tests, those into build/.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { embedWasm, readWasm } from './wasm/embed.mjs';

const outdir = 'dist';
const CLI = `${outdir}/cli.cjs`;
const { version } = JSON.parse(await readFile('package.json', 'utf8'));

/** What else may be imported has to do with the library's own classes, so it must not bring others. */
const shareLibrary = {
  name: 'share-library',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/index\.ts$/ }, () => ({ path: '../index.js', external: true }));
  },
};

/** Of prom-client, what text is made with: a sixth of it, and nothing of what it depends on. */
const leanPromClient = {
  name: 'lean-prom-client',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^prom-client$/ }, () => ({ path: 'prom-client', namespace: 'lean' }));
    onLoad({ filter: /.*/, namespace: 'lean' }, () => ({
      contents: ['Counter', 'Gauge', 'Registry']
        .map((name) => `exports.${name} = require('prom-client/lib/${name.toLowerCase()}');`)
        .join('\n'),
      resolveDir: '.',
    }));
  },
};

const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  define: { VERSION: JSON.stringify(version) },
  minify: true,
  // class names show in console.log(), function names in stack traces
  keepNames: true,
  logLevel: 'warning',
};

async function buildPackage() {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir);
  await copyFile('wasm/libchrony.wasm', `${outdir}/libchrony.wasm`);
  await Promise.all([
    build({
      ...common,
      outdir,
      entryPoints: { index: 'src/index.ts' },
      // what is loaded when it is needed, and what both need
      splitting: true,
      chunkNames: 'parts/[name]',
      plugins: [embedWasm],
    }),
    build({
      ...common,
      // Node.js starts it sooner than an ES module, and nobody else sees its names
      format: 'cjs',
      keepNames: false,
      outfile: CLI,
      entryPoints: ['src/cli/main.ts'],
      plugins: [readWasm, leanPromClient],
    }),
    build({
      ...common,
      outdir,
      entryPoints: { 'testing/index': 'src/testing/index.ts' },
      plugins: [shareLibrary],
    }),
    build({
      ...common,
      outdir,
      entryPoints: {
        'prometheus/index': 'src/prometheus/index.ts',
        'opentelemetry/index': 'src/opentelemetry/index.ts',
      },
      external: ['prom-client'],
      splitting: true,
      chunkNames: 'metrics/[name]',
      plugins: [shareLibrary],
    }),
  ]);
  await chmod(CLI, 0o755);
  const { stdout: manualPage } = await promisify(execFile)(process.execPath, [CLI, 'man']);
  await writeFile(`${outdir}/chrony-wasm.1`, manualPage);
}

/** What the benchmarks measure is what is shipped. */
const measurePackage = {
  name: 'measure-package',
  setup({ onResolve }) {
    onResolve({ filter: /\/src\/index\.ts$/ }, ({ importer }) =>
      importer.includes('/test/bench/programs/') ? { path: '../../dist/index.js', external: true } : null,
    );
  },
};

const programs = process.argv.slice(2);
if (programs.length === 0) await buildPackage();
else {
  await build({
    ...common,
    outdir: 'build',
    entryPoints: programs,
    plugins: [embedWasm, measurePackage],
  });
}
