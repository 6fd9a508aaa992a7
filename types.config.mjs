// For rollup: bundles the declarations of each entry point, which tsc wrote to build/types, into one file.
import { basename, join, resolve } from 'node:path';
import { dts } from 'rollup-plugin-dts';

const types = resolve('build/types');

/** Only the package itself can import `#metrics`: users get its declarations inlined. */
const inlineMetrics = {
  name: 'inline-metrics',
  resolveId: (specifier) => (specifier === '#metrics' ? join(types, 'metrics/shared.d.ts') : null),
};

/** What a source file says of itself stands before no declaration: another comment or an empty line follows. */
const withoutFileComments = {
  name: 'without-file-comments',
  renderChunk: (code) => code.replaceAll(/^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n+(?=\/\*\*|\n)/gm, ''),
};

/** Declares an ES module with the exports of the CommonJS file, so that its types are the same for `import` and `require()`. */
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
  // the library by its name: all entry points share the types of its classes
  external: ['chrony-wasm', 'prom-client', '@opentelemetry/api'],
  plugins: [inlineMetrics, dts(), withoutFileComments, wrapper(name)],
  onwarn({ message }) {
    throw new Error(message);
  },
}));
