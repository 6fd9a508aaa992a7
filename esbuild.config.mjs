// Bundles what the package ships; or, given programs of the tests, those into build/.
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { build, transform } from 'esbuild';
import { rollup } from 'rollup';
import { parseAst } from 'rollup/parseAst';
import { embedWasm, read } from './wasm/embed.mjs';
import { notice } from './wasm/notice.mjs';

const outdir = 'dist';
const CLI = `${outdir}/cli.cjs`;
const PAGE = `${outdir}/page`;
const { version } = JSON.parse(await readFile('package.json', 'utf8'));

/** What the other bundles import by its name instead of holding it: there is one of each class then. */
const LIBRARY = 'chrony-wasm';
const METRICS = '#metrics';
const SERVER = '#serve';
const YAML = '#yaml';
const PROCESS_METRICS = '#process-metrics';
const COMMAND = './command.cjs';

/** Functions of the library that another bundle holds, too, throw the library's errors. */
const errorsOfLibrary = {
  name: 'errors-of-library',
  setup({ onResolve, initialOptions }) {
    const errors = resolve('src/errors.ts');
    const path = initialOptions.format === 'cjs' ? BESIDE[LIBRARY] : LIBRARY;
    onResolve({ filter: /^\./ }, (imported) =>
      resolve(imported.resolveDir, imported.path) === errors ? { path, external: true } : null,
    );
  },
};

/** The modules that users and the server import. Each is a CommonJS file, and an ES module that exports what that file does. */
const SHARED_MODULES = [
  'index',
  'testing/index',
  'metrics/shared',
  'prometheus/index',
  'opentelemetry/index',
];

/** Where a CommonJS file in a folder finds the others: a path, since not every resolver knows the package's own name. */
const BESIDE = { [LIBRARY]: '../index.cjs', [METRICS]: '../metrics/shared.cjs' };
const besideEachOther = {
  name: 'beside-each-other',
  setup({ onResolve }) {
    onResolve({ filter: /^(?:chrony-wasm|#metrics)$/ }, ({ path }) => ({
      path: BESIDE[path],
      external: true,
    }));
  },
};

/**
 * Writes the ES modules of a CommonJS file: one for bundlers, which follow an import, and one for Node.js, which would search
 * the whole file for its names and take thrice as long. The names are written out for compilers and bundlers.
 */
async function wrap(name) {
  const file = `./${basename(name)}.cjs`;
  const exported = createRequire(import.meta.url)(resolve(outdir, `${name}.cjs`));
  const names = `{\n  ${Object.keys(exported).sort().join(',\n  ')},\n}`;
  await writeFile(`${outdir}/${name}.bundler.js`, `export ${names} from '${file}';\n`);
  const lines = [
    "import { createRequire } from 'node:module';\n",
    `export const ${names} = createRequire(import.meta.url)('${file}');\n`,
  ];
  await writeFile(`${outdir}/${name}.js`, lines.join('\n'));
}

/**
 * Fails if two modules contain copies of a source file with classes or state: `instanceof` would fail for objects of the
 * other copy, and each copy would have its own state.
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
    const { code } = await transform(await readFile(input, 'utf8'), { loader: 'ts', target: 'esnext' });
    const statements = parseAst(code).body;
    if (!statements.some(makesClassOrState)) continue;
    if (OF_UNIX_MOCK.test(input)) continue;
    if (input === KINDS_OF_FIELDS || (HAS_TABLES.test(input) && !(await isClassIn(outputs, statements))))
      continue;
    throw new Error(`${input} has classes or state, and would be in each of ${outputs.join(', ')}`);
  }
}

/**
 * The files whose tables of fields the mock reads, from a copy that is its own. No object of a table goes from one bundle
 * to another, and the classes of data beside the tables are left out of the copy.
 */
const HAS_TABLES = /^src\/reports\//;
/**
 * What a mock at a Unix socket is opened with. The mock has a copy of its own, so that the library need not export it: each
 * calls the C library by itself, and no object of these files goes from one bundle to another.
 */
const OF_UNIX_MOCK = /^src\/socket\/unix\/(?:backends|libc|poller)\.ts$/;
const KINDS_OF_FIELDS = 'src/reports/record.ts';

/** Whether a class of these statements is in more than one of the outputs. */
async function isClassIn(outputs, statements) {
  const codes = await Promise.all(outputs.map((output) => readFile(output, 'utf8')));
  const names = statements.flatMap(({ declaration }) =>
    declaration?.type === 'ClassDeclaration' ? [declaration.id.name] : [],
  );
  return names.some(
    (name) =>
      codes.filter((code) => new RegExp(`^(?:class ${name}\\d*|var ${name}\\d* = class)\\b`, 'm').test(code))
        .length > 1,
  );
}

/** True if a statement at the top of a file makes a class or state: a copy of the file then has a class or state of its own. */
function makesClassOrState(statement) {
  const { type, kind, declarations } = statement.declaration ?? statement;
  if (type === 'ClassDeclaration') return true;
  if (type !== 'VariableDeclaration') return false;
  return kind !== 'const' || declarations.some(({ init }) => isClassOrState(init));
}

/** True for an expression that makes a class, a symbol, or an empty container, which is filled later. A full container is a table. */
function isClassOrState({ type, callee, elements, properties, arguments: given }) {
  switch (type) {
    case 'ClassExpression':
      return true;
    case 'CallExpression':
      return callee.name === 'Symbol';
    case 'NewExpression':
      // a copy only looks up the objects that the copy itself has put in
      if (callee.name === 'WeakMap') return false;
      return !['Set', 'Map', 'RegExp'].includes(callee.name) || given.length === 0;
    default:
      return (elements ?? properties)?.length === 0;
  }
}

/**
 * The code is shipped as it was written, since Node.js prints the line that threw, and names go into stack traces and
 * console.log(). The comments are in the declarations.
 */
const withoutComments = {
  name: 'without-comments',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => ({ contents: await codeOf(path) }));
  },
};

/** A source file as JavaScript, without the comments. */
async function codeOf(path) {
  const source = await readFile(path, 'utf8');
  const { code } = await transform(source, { loader: 'ts', target: common.target, minifyWhitespace: true });
  return code;
}

/** The part of prom-client that measures the process, without the libraries that the rest depends on. */
const leanPromClient = {
  name: 'lean-prom-client',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^prom-client$/ }, () => ({ path: 'prom-client', namespace: 'lean' }));
    onLoad({ filter: /.*/, namespace: 'lean' }, () => ({
      contents: [
        "exports.Registry = require('prom-client/lib/registry');",
        "exports.collectDefaultMetrics = require('prom-client/lib/defaultMetrics');",
      ].join('\n'),
      resolveDir: '.',
    }));
  },
};

/**
 * Restores two things that esbuild removes. The comment makes bundlers ignore an import with a computed name, since a user may
 * have that package. The name of a class that refers to itself is shown by console.log().
 */
async function restore(path) {
  const code = await readFile(path, 'utf8');
  const marked = code.replaceAll(/\bimport\((?=\w+\))/g, 'import(/* webpackIgnore: true */ ');
  if (marked === code) throw new Error(`${path} has no such import`);
  const renamed = Array.from(code.matchAll(/^var (\w+) = class _\1\b/gm), ([, name]) => name);
  const underscored = new RegExp(`\\b_(${renamed.join('|')})\\b`, 'g');
  await writeFile(path, renamed.length === 0 ? marked : marked.replaceAll(underscored, '$1'));
}

const common = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  define: { VERSION: JSON.stringify(version) },
  // the same names of files wherever the packages are
  preserveSymlinks: true,
  metafile: true,
  logLevel: 'warning',
};

const commonJs = { format: 'cjs', outdir, outExtension: { '.js': '.cjs' } };

async function buildPackage() {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir);
  await copyFile('wasm/libchrony.wasm', `${outdir}/libchrony.wasm`);
  const modules = await Promise.all([
    build({
      ...common,
      ...commonJs,
      // one file: what is loaded later may not be there any more, or there may be no descriptor left to read it
      entryPoints: { index: 'src/index.ts' },
      plugins: [embedWasm, withoutComments],
    }),
    ...[['testing/index'], ['metrics/shared'], ['prometheus/index', 'opentelemetry/index']].map((names) =>
      build({
        ...common,
        ...commonJs,
        entryPoints: Object.fromEntries(names.map((name) => [name, `src/${name}.ts`])),
        external: ['prom-client'],
        plugins: [besideEachOther, errorsOfLibrary, withoutComments],
      }),
    ),
    build({
      ...common,
      outdir,
      entryPoints: { serve: 'src/server/serve.ts' },
      external: [LIBRARY, METRICS, YAML, PROCESS_METRICS],
      plugins: [errorsOfLibrary, withoutComments],
    }),
    // almost all of it is by others: minified, as the page is
    build({
      ...common,
      outdir: `${outdir}/serve`,
      entryPoints: ['src/server/process-metrics.ts'],
      // prom-client is CommonJS, and requires modules of Node.js
      banner: {
        js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
      },
      plugins: [leanPromClient],
      minify: true,
    }),
    build({
      ...common,
      outdir: `${outdir}/serve`,
      entryPoints: { yaml: 'src/util/yaml.ts', 'bcrypt-worker': 'src/server/bcrypt-worker.ts' },
      // the parser as ES modules: esbuild leaves out of these what is not used
      alias: { yaml: resolve('node_modules/yaml/browser/index.js') },
      minify: true,
    }),
  ]);
  await checkCopies(modules);
  const start = await build({
    ...common,
    format: 'cjs',
    outfile: CLI,
    entryPoints: ['src/cli/start.ts'],
    external: [COMMAND],
    plugins: [withoutComments],
  });
  await buildCommand();
  for (const name of SHARED_MODULES) await wrap(name);
  const results = [...modules, start, await buildPages()];
  await buildMonitoring();
  await writeFile('NOTICE', await notice(results));
  for (const entry of ['index', 'testing/index']) await restore(`${outdir}/${entry}.cjs`);
  await chmod(CLI, 0o755);
  const { stdout: manualPage } = await promisify(execFile)(process.execPath, [CLI, 'man']);
  await writeFile(`${outdir}/chrony-wasm.1`, manualPage);
}

/**
 * The command line, in CommonJS, as Node.js starts it sooner than an ES module. By Rollup, which puts into files of their own what
 * only some commands import.
 */
async function buildCommand() {
  const bundle = await rollup({
    input: { command: 'src/cli/main.ts' },
    external: [/^node:/, SERVER, YAML, PROCESS_METRICS],
    treeshake: { moduleSideEffects: false },
    plugins: [
      {
        name: 'source',
        async load(path) {
          if (path.endsWith('.wasm')) return read(path);
          // printed once more for its lines
          const { code } = await transform(await codeOf(path), {
            target: common.target,
            define: common.define,
          });
          return code;
        },
      },
    ],
    onwarn({ message }) {
      throw new Error(message);
    },
  });
  await bundle.write({
    dir: outdir,
    format: 'cjs',
    interop: 'default',
    generatedCode: 'es2015',
    entryFileNames: '[name].cjs',
    chunkFileNames({ facadeModuleId, moduleIds }) {
      const path = relative('src', facadeModuleId ?? moduleIds.at(-1));
      return `command/${path.replace(/\.ts$/, '').replaceAll(sep, '-')}.cjs`;
    },
  });
}

/** What the server shows in a browser: the page of a clock, and the page of a fleet. */
async function buildPages() {
  const pages = ['', 'fleet/'];
  const result = await build({
    ...common,
    outdir: PAGE,
    outbase: 'src/page',
    entryPoints: pages.flatMap((page) => [`src/page/${page}page.ts`, `src/page/${page}page.css`]),
    platform: 'browser',
    target: 'es2022',
    minify: true,
    define: {},
  });
  for (const page of pages) await copyFile(`src/page/${page}index.html`, `${PAGE}/${page}index.html`);
  return result;
}

/** Rules for Prometheus, and the dashboard of Grafana, which is JSON that a table of its panels makes. */
async function buildMonitoring() {
  const folder = `${outdir}/monitoring`;
  await mkdir(folder);
  for (const name of ['README.md', 'alerts.yml', 'recording-rules.yml']) {
    await copyFile(`src/monitoring/${name}`, `${folder}/${name}`);
  }
  const { outputFiles } = await build({
    ...common,
    entryPoints: ['src/monitoring/dashboard.ts'],
    write: false,
  });
  const { dashboard } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  await writeFile(`${folder}/dashboard.json`, `${JSON.stringify(dashboard, null, 2)}\n`);
}

/** What the benchmarks measure is what is shipped. */
const measurePackage = {
  name: 'measure-package',
  setup({ onResolve }) {
    onResolve({ filter: /^chrony-wasm$/ }, ({ importer }) =>
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
