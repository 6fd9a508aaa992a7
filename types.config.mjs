// Rollup configuration: bundles the declarations of each entry point, which tsc has written to build/types, into one file.
import { basename, join, resolve } from 'node:path';
import { dts } from 'rollup-plugin-dts';

const types = resolve('build/types');

/** Only the package itself can import `#metrics`, so its declarations are inlined. */
const inlineMetrics = {
  name: 'inline-metrics',
  resolveId: (specifier) => (specifier === '#metrics' ? join(types, 'metrics/shared.d.ts') : null),
};

/** Removes the comments about whole files. No declaration follows them, but another comment or an empty line. */
const withoutFileComments = {
  name: 'without-file-comments',
  renderChunk: (code) => code.replaceAll(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n+(?=\/\*\*|\n)/gm, ''),
};

/** Declares an ES module with the exports of the CommonJS file, so that `import` and `require()` give the same types. */
const wrapper = (name) => ({
  name: 'wrapper',
  generateBundle() {
    const source = `export * from './${basename(name)}.cjs';\n`;
    this.emitFile({ type: 'asset', fileName: `${basename(name)}.d.ts`, source });
  },
});

export default ['index', 'testing/index', 'prometheus/index', 'opentelemetry/index'].map((name) => ({
  input: join(types, `${name}.d.ts`),
  output: { file: `dist/${name}.d.cts` },
  // The library is imported by name, so that all entry points share the types of its classes.
  external: ['chrony-wasm', 'prom-client', '@opentelemetry/api'],
  plugins: [inlineMetrics, dts(), withoutFileComments, wrapper(name)],
  onwarn({ message }) {
    throw new Error(message);
  },
}));
