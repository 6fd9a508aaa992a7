// Bundles what the package ships; or, given programs of the tests, those into build/.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { build, transform } from 'esbuild';
import { parseAst } from 'rollup/parseAst';
import { embedWasm, readWasm } from './wasm/embed.mjs';
import { notice } from './wasm/notice.mjs';

const outdir = 'dist';
const CLI = `${outdir}/cli.cjs`;
const PAGE = `${outdir}/page`;
const { version } = JSON.parse(await readFile('package.json', 'utf8'));

/** What the other bundles import by its name instead of holding it: there is one of each class then. */
const LIBRARY = 'chrony-wasm';
const METRICS = '#metrics';
const SERVER = '#serve';

/** Functions of the library that another bundle holds, too, throw the library's errors. */
const errorsOfLibrary = {
  name: 'errors-of-library',
  setup({ onResolve }) {
    const errors = resolve('src/errors.ts');
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      resolve(resolveDir, path) === errors ? { path: LIBRARY, external: true } : null,
    );
  },
};

/** The bundles that hold the tables of fields. */
const TABLES_OF = new Set([`${outdir}/index.js`, `${outdir}/testing/index.js`]);

/**
 * Fails if two of the modules hold a copy each of a source file with classes or state: `instanceof` would not know an
 * object of the other copy, and what is remembered in one would be forgotten in the other.
 */
async function checkCopies(results) {
  const holders = new Map();
  for (const { metafile } of results) {
    for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        if (bytesInOutput > 0) holders.set(input, [...(holders.get(input) ?? []), output]);
      }
    }
  }
  for (const [input, outputs] of holders) {
    if (outputs.length === 1 || !input.endsWith('.ts')) continue;
    // the mock reads tables of fields, of a copy that is its own; the data classes beside them are not in it
    if (input.startsWith('src/reports/') && outputs.every((output) => TABLES_OF.has(output))) continue;
    const { code } = await transform(await readFile(input, 'utf8'), { loader: 'ts', target: 'esnext' });
    if (!parseAst(code).body.some(isOneOfAKind)) continue;
    throw new Error(`${input} has classes or state, and would be in each of ${outputs.join(', ')}`);
  }
}

/** Whether a statement at the top of a file makes what is not the same as what its copy makes. */
function isOneOfAKind(statement) {
  const { type, kind, declarations } = statement.declaration ?? statement;
  if (type === 'ClassDeclaration') return true;
  if (type !== 'VariableDeclaration') return false;
  return kind !== 'const' || declarations.some(({ init }) => isIdentity(init));
}

/** What is made empty is filled later; what is made full, such as a Set of names, is a table. */
function isIdentity({ type, callee, elements, properties, arguments: given }) {
  switch (type) {
    case 'ClassExpression':
      return true;
    case 'CallExpression':
      return callee.name === 'Symbol';
    case 'NewExpression':
      // what a copy notes of somebody else's object is of use to that copy alone
      if (callee.name === 'WeakMap') return false;
      return !['Set', 'Map', 'RegExp'].includes(callee.name) || given.length === 0;
    default:
      return (elements ?? properties)?.length === 0;
  }
}

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
  // readable: Node.js prints the line that threw, and names show in stack traces
  minify: false,
  metafile: true,
  logLevel: 'warning',
};

async function buildPackage() {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir);
  await copyFile('wasm/libchrony.wasm', `${outdir}/libchrony.wasm`);
  const modules = await Promise.all([
    build({
      ...common,
      outdir,
      // one file: what is loaded later may not be there any more, or there may be no descriptor left to read it
      entryPoints: { index: 'src/index.ts' },
      plugins: [embedWasm],
    }),
    build({
      ...common,
      outdir,
      entryPoints: { 'testing/index': 'src/testing/index.ts' },
      external: [LIBRARY],
      plugins: [errorsOfLibrary],
    }),
    build({
      ...common,
      outdir,
      entryPoints: { 'metrics/shared': 'src/metrics/shared.ts' },
      external: [LIBRARY],
      plugins: [errorsOfLibrary],
    }),
    build({
      ...common,
      outdir,
      entryPoints: {
        'prometheus/index': 'src/prometheus/index.ts',
        'opentelemetry/index': 'src/opentelemetry/index.ts',
      },
      external: [LIBRARY, METRICS, 'prom-client'],
      plugins: [errorsOfLibrary],
    }),
    build({
      ...common,
      outdir,
      entryPoints: { serve: 'src/server/serve.ts' },
      external: [LIBRARY, METRICS],
      // prom-client is CommonJS, and requires node:util
      banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
      plugins: [errorsOfLibrary, leanPromClient],
    }),
  ]);
  await checkCopies(modules);
  const command = await build({
    ...common,
    // Node.js starts it sooner than an ES module, and nobody else sees its names
    format: 'cjs',
    minify: true,
    outfile: CLI,
    entryPoints: ['src/cli/main.ts'],
    external: [SERVER],
    plugins: [readWasm],
  });
  const results = [...modules, command, await buildPage()];
  await writeFile('NOTICE', await notice(results));
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
    minify: true,
    target: 'es2022',
    define: {},
  });
  await copyFile('src/page/index.html', `${PAGE}/index.html`);
  return result;
}

/** What the benchmarks measure is what is shipped. */
const measurePackage = {
  name: 'measure-package',
  setup({ onResolve }) {
    onResolve({ filter: /^chrony-wasm$/ }, ({ path, importer }) =>
      importer.includes('/test/bench/programs/') ? { path, external: true } : null,
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
