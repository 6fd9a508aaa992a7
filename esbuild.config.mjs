// Bundles what the package ships; or, given programs of the tests, those into build/.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { embedWasm, readWasm } from './wasm/embed.mjs';
import { notice } from './wasm/notice.mjs';

const outdir = 'dist';
const CLI = `${outdir}/cli.cjs`;
const PAGE = `${outdir}/page`;
const { version } = JSON.parse(await readFile('package.json', 'utf8'));

/**
 * What is not bundled, as it is there already: to share the library's classes, to be loaded by one command only.
 *
 * @param path - where it is from the bundle that is made
 */
const shared = (filter, path) => ({
  name: 'shared',
  setup({ onResolve }) {
    onResolve({ filter }, () => ({ path, external: true }));
  },
});
/** Errors, too, of which there would be classes that look the same and are not. */
const LIBRARY = /^(?:\.\.\/)+(?:index|errors)\.ts$/;
const METRICS = /\/(?:snapshot|collector|families)\.ts$/;
const SERVER = /^\.\.\/server\/serve\.ts$/;

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

/**
 * An import of what a user may have, by a name that is not written out: bundlers are told so by a comment, which esbuild
 * has dropped.
 */
async function keepIgnored(path) {
  const code = await readFile(path, 'utf8');
  const marked = code.replaceAll(/\bimport\((?=\w+\))/g, 'import(/* webpackIgnore: true */');
  if (marked === code) throw new Error(`${path} has no such import`);
  await writeFile(path, marked);
}

const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  define: { VERSION: JSON.stringify(version) },
  minify: true,
  // class names show in console.log(), function names in stack traces
  keepNames: true,
  metafile: true,
  logLevel: 'warning',
};

async function buildPackage() {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir);
  await copyFile('wasm/libchrony.wasm', `${outdir}/libchrony.wasm`);
  const results = await Promise.all([
    build({
      ...common,
      outdir,
      // one file: what is loaded later may not be there any more, or there may be no descriptor left to read it
      entryPoints: { index: 'src/index.ts' },
      plugins: [embedWasm],
    }),
    build({
      ...common,
      // Node.js starts it sooner than an ES module, and nobody else sees its names
      format: 'cjs',
      keepNames: false,
      outfile: CLI,
      entryPoints: ['src/cli/main.ts'],
      plugins: [readWasm, shared(SERVER, './serve.js')],
    }),
    build({
      ...common,
      outdir,
      entryPoints: { 'testing/index': 'src/testing/index.ts' },
      plugins: [shared(LIBRARY, '../index.js')],
    }),
    build({
      ...common,
      outdir,
      entryPoints: { 'metrics/shared': 'src/metrics/shared.ts' },
      plugins: [shared(LIBRARY, '../index.js')],
    }),
    build({
      ...common,
      outdir,
      entryPoints: {
        'prometheus/index': 'src/prometheus/index.ts',
        'opentelemetry/index': 'src/opentelemetry/index.ts',
      },
      external: ['prom-client'],
      plugins: [shared(LIBRARY, '../index.js'), shared(METRICS, '../metrics/shared.js')],
    }),
    build({
      ...common,
      outdir,
      entryPoints: { serve: 'src/server/serve.ts' },
      // prom-client is CommonJS, and requires node:util
      banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
      plugins: [shared(LIBRARY, './index.js'), shared(METRICS, './metrics/shared.js'), leanPromClient],
    }),
    buildPage(),
  ]);
  await writeFile('NOTICE', await notice(results));
  await keepIgnored(`${outdir}/index.js`);
  await chmod(CLI, 0o755);
  const { stdout: manualPage } = await promisify(execFile)(process.execPath, [CLI, 'man']);
  await writeFile(`${outdir}/chrony-wasm.1`, manualPage);
}

/** What the server shows in a browser. */
async function buildPage() {
  const result = await build({
    ...common,
    outdir: PAGE,
    entryPoints: ['src/page/page.ts', 'src/page/page.css'],
    platform: 'browser',
    target: 'es2022',
    keepNames: false,
    define: {},
  });
  await copyFile('src/page/index.html', `${PAGE}/index.html`);
  return result;
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
