// For rollup: puts the declarations of each entry point into one file, out of those that tsc wrote to build/types.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { dts } from 'rollup-plugin-dts';

const types = resolve('build/types');
const declarations = (folder, specifier) => join(folder, specifier.replace(/\.js$/, '.d.ts'));

/** The library: its classes are the same in all entry points, so the others import them. */
const library = declarations(types, 'index.js');
const partsOfLibrary = Array.from(
  readFileSync(library, 'utf8').matchAll(/ from '(\.[^']+)'/g),
  ([, specifier]) => declarations(types, specifier),
);
const shareLibrary = {
  name: 'share-library',
  resolveId(specifier, importer) {
    if (importer === undefined || !specifier.startsWith('.')) return null;
    const path = declarations(dirname(importer), specifier);
    return path === library || partsOfLibrary.includes(path) ? { id: '../index.js', external: true } : null;
  },
};

/** What a source file says of itself stands before no declaration: another comment or an empty line follows. */
const withoutFileComments = {
  name: 'without-file-comments',
  renderChunk: (code) => code.replaceAll(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n+(?=\/\*\*|\n)/gm, ''),
};

const entry = (name, plugins) => ({
  input: join(types, `${name}.d.ts`),
  output: { file: `dist/${name}.d.ts` },
  external: ['prom-client', '@opentelemetry/api'],
  plugins: [...plugins, dts(), withoutFileComments],
  onwarn({ message }) {
    throw new Error(message);
  },
});

export default [
  entry('index', []),
  ...['testing/index', 'prometheus/index', 'opentelemetry/index'].map((name) => entry(name, [shareLibrary])),
];
