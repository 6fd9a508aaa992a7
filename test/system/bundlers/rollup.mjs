// rollup.mjs ENTRY FOLDER
import commonjs from '@rollup/plugin-commonjs';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { rollup } from 'rollup';

const [, , entry, folder] = process.argv;
const bundle = await rollup({
  input: { bundle: entry },
  plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
  external: [/^node:/],
});
await bundle.write({ dir: folder, format: 'es', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' });
