// Builds dist/, or bundles the test programs in the arguments into build/.
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

/** The library, which other bundles import by name instead of containing a copy, so that each class exists only once. */
const LIBRARY = 'chrony-wasm';
const METRICS = '#metrics';
const SERVER = '#serve';
const YAML = '#yaml';
const PROCESS_METRICS = '#process-metrics';
const COMMAND = './command.cjs';

/** Functions of the library that another bundle also contains throw the error classes of the library. */
const errorsOfLibrary = {
  name: 'errors-of-library',
  setup({ onResolve, initialOptions }) {
    const errors = resolve('src/errors.ts');
    const path = initialOptions.format === 'cjs' ? RELATIVE_PATHS[LIBRARY] : LIBRARY;
    onResolve({ filter: /^\./ }, (imported) =>
      resolve(imported.resolveDir, imported.path) === errors ? { path, external: true } : null,
    );
  },
};

/** The modules that users and the server import. Each is a CommonJS file, and an ES module with the same exports. */
const SHARED_MODULES = [
  'index',
  'testing/index',
  'metrics/shared',
  'prometheus/index',
  'opentelemetry/index',
];

/** The paths from a CommonJS file in a folder to the others. Not every resolver supports imports of the package's own name. */
const RELATIVE_PATHS = { [LIBRARY]: '../index.cjs', [METRICS]: '../metrics/shared.cjs' };
const relativeImports = {
  name: 'relative-imports',
  setup({ onResolve }) {
    onResolve({ filter: /^(?:chrony-wasm|#metrics)$/ }, ({ path }) => ({
      path: RELATIVE_PATHS[path],
      external: true,
    }));
  },
};

/**
 * Writes the ES modules of a CommonJS file. Bundlers get one with a static import, which they can follow. Node.js gets one with
 * `require()`: for a static import it would search the whole file for its exports, which takes three times as long. The names are
 * listed for compilers and bundlers.
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
  const outputsOf = new Map();
  for (const { metafile } of results) {
    for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        if (bytesInOutput > 0) outputsOf.set(input, [...(outputsOf.get(input) ?? []), output]);
      }
    }
  }
  for (const [input, outputs] of outputsOf) {
    if (outputs.length === 1 || !input.endsWith('.ts')) continue;
    const { code } = await transform(await readFile(input, 'utf8'), { loader: 'ts', target: 'esnext' });
    const statements = parseAst(code).body;
    if (!statements.some(createsClassOrState)) continue;
    if (UNIX_MOCK_FILES.test(input)) continue;
    if (input === FIELD_TYPES_FILE || (TABLE_FILES.test(input) && !(await isClassIn(outputs, statements))))
      continue;
    throw new Error(`${input} has classes or state, and would be in each of ${outputs.join(', ')}`);
  }
}

/**
 * The files with the tables of fields. The mock has its own copy of the tables. No object of a table goes from one bundle to
 * another, and the copy does not contain the classes beside the tables.
 */
const TABLE_FILES = /^src\/reports\//;
/**
 * The files that open a Unix socket. The mock has its own copy, so that the library need not export them. Each copy calls libc by
 * itself, and no object of these files goes from one bundle to another.
 */
const UNIX_MOCK_FILES = /^src\/socket\/unix\/(?:backends|libc|poller)\.ts$/;
const FIELD_TYPES_FILE = 'src/reports/record.ts';

/** True if a class of these statements is in more than one of the outputs. */
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

/** True if a top-level statement creates a class or state, of which a copy of the file would have its own. */
function createsClassOrState(statement) {
  const { type, kind, declarations } = statement.declaration ?? statement;
  if (type === 'ClassDeclaration') return true;
  if (type !== 'VariableDeclaration') return false;
  return kind !== 'const' || declarations.some(({ init }) => isClassOrState(init));
}

/** True for an expression that creates a class, a symbol, or an empty container to fill later. A filled container is a table. */
function isClassOrState({ type, callee, elements, properties, arguments: given }) {
  switch (type) {
    case 'ClassExpression':
      return true;
    case 'CallExpression':
      return callee.name === 'Symbol';
    case 'NewExpression':
      // Each copy looks up only objects that it has added itself.
      if (callee.name === 'WeakMap') return false;
      return !['Set', 'Map', 'RegExp'].includes(callee.name) || given.length === 0;
    default:
      return (elements ?? properties)?.length === 0;
  }
}

/**
 * Removes the comments, which users have in the declarations. The code is not minified, since Node.js prints the line that threw,
 * and stack traces and console.log() show names.
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

/** The part of prom-client that measures the process, without the dependencies of the other parts. */
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
 * Restores two things that esbuild removes. A comment makes bundlers ignore an import with a computed name, since that package is
 * optional. console.log() shows the name of a class, also of one that refers to itself.
 */
async function restoreRemoved(path) {
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
  // Keeps the names of files independent of the location of the packages.
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
      // A single file: when another file is needed later, it may have been removed, or no descriptor may be left to read it.
      entryPoints: { index: 'src/index.ts' },
      plugins: [embedWasm, withoutComments],
    }),
    ...[['testing/index'], ['metrics/shared'], ['prometheus/index', 'opentelemetry/index']].map((names) =>
      build({
        ...common,
        ...commonJs,
        entryPoints: Object.fromEntries(names.map((name) => [name, `src/${name}.ts`])),
        external: ['prom-client'],
        plugins: [relativeImports, errorsOfLibrary, withoutComments],
      }),
    ),
    build({
      ...common,
      outdir,
      entryPoints: { serve: 'src/server/serve.ts' },
      external: [LIBRARY, METRICS, YAML, PROCESS_METRICS],
      plugins: [errorsOfLibrary, withoutComments],
    }),
    // Minified like the page, since almost all of it is third-party code.
    build({
      ...common,
      outdir: `${outdir}/serve`,
      entryPoints: ['src/server/process-metrics.ts'],
      // prom-client is CommonJS, and requires modules of Node.js.
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
      // From the ES modules of the parser, esbuild removes unused code.
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
  for (const entry of ['index', 'testing/index']) await restoreRemoved(`${outdir}/${entry}.cjs`);
  await chmod(CLI, 0o755);
  const { stdout: manualPage } = await promisify(execFile)(process.execPath, [CLI, 'man']);
  await writeFile(`${outdir}/chrony-wasm.1`, manualPage);
}

/**
 * Bundles the command line as CommonJS, which Node.js starts faster than an ES module. Rollup puts the modules that only some
 * commands import into separate files.
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
          // Print the code again to restore its line breaks.
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

/** Builds the browser pages of the server: the page of a clock, and the page of a fleet. */
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

/** Copies the rules for Prometheus, and generates the JSON of the Grafana dashboard from its table of panels. */
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

/** Benchmarks measure the built package. */
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
