// Builds the package for JSR in build/jsr from the source and the declarations in dist/: `jsr.mjs SCOPE [FOLDER]`. It contains
// the library and the mock. Only the npm package has the command line, the server and the metrics.
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { embedWasm } from '../../../wasm/embed.mjs';
import { homeOf, withAbsoluteLinks } from './links.mjs';

const [, , scope = '', folder = 'build/jsr'] = process.argv;
const ENTRIES = { '.': 'index', './testing': 'testing/index' };

if (!/^[a-z][a-z0-9-]{1,19}$/.test(scope)) {
  console.error(
    `jsr: SCOPE is ${scope || 'missing'}; it takes the scope on jsr.io, in lower case: make jsr SCOPE=name`,
  );
  process.exit(1);
}

const manifest = JSON.parse(await readFile('package.json', 'utf8'));
const { version, license } = manifest;
await rm(folder, { recursive: true, force: true });
await mkdir(join(folder, 'testing'), { recursive: true });

// The code that both entry points use goes into one file, so that each class exists only once.
await build({
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  define: { VERSION: JSON.stringify(version) },
  preserveSymlinks: true,
  logLevel: 'warning',
  outdir: folder,
  entryPoints: Object.fromEntries(Object.values(ENTRIES).map((entry) => [entry, `src/${entry}.ts`])),
  chunkNames: 'shared-[hash]',
  alias: { 'chrony-wasm': resolve('src/index.ts') },
  plugins: [embedWasm],
});

for (const entry of Object.values(ENTRIES)) {
  const code = join(folder, `${entry}.js`);
  const types = await readFile(`dist/${entry}.d.cts`, 'utf8');
  await writeFile(
    join(folder, `${entry}.d.ts`),
    types.replace(/(?<=^import .* from )'chrony-wasm'/gm, "'../index.d.ts'"),
  );
  await writeFile(code, `/* @ts-self-types="./index.d.ts" */\n${await readFile(code, 'utf8')}`);
}
const home = homeOf(manifest);
const readme = await readFile('README.md', 'utf8');
await writeFile(join(folder, 'README.md'), home === null ? readme : withAbsoluteLinks(readme, home, version));
for (const name of ['LICENSE', 'NOTICE', 'CHANGELOG.md']) await copyFile(name, join(folder, name));
const exports = Object.fromEntries(Object.entries(ENTRIES).map(([path, entry]) => [path, `./${entry}.js`]));
await writeFile(
  join(folder, 'jsr.json'),
  `${JSON.stringify({ name: `@${scope}/chrony-wasm`, version, license, exports }, null, 2)}\n`,
);
console.log(`jsr: @${scope}/chrony-wasm ${version} is in ${folder}`);
