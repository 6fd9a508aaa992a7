// Generates the module through which a bundle loads the binary. Its default export returns the binary's bytes.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * The remainder of the bytes, as one number, divided by a 64-bit prime. It detects every change within eight
 * consecutive bytes. The engine does the division; a loop over the bytes would have to be compiled for a single run.
 * The source of this function is copied into the bundle.
 */
function checksum(bytes) {
  return BigInt(`0x0${bytes.toString('hex')}`) % 0xffffffffffffffc5n;
}

/**
 * Returns the source of a module that contains the binary as base64. The checksum is needed because a damaged binary is
 * often still valid WebAssembly, and would return wrong values. The module decodes and checks the bytes when its
 * function is called, not when it is imported: an import must neither throw nor take time. A damaged binary gives null.
 */
export async function embed(path) {
  const binary = await readFile(path);
  return `import { Buffer } from 'node:buffer';
    ${checksum}
    export default function loadBinary() {
      const binary = '${binary.toString('base64')}';
      const bytes = Buffer.from(binary, 'base64');
      return checksum(bytes) === ${checksum(binary)}n ? bytes : null;
    }`;
}

/**
 * Returns the source of a module that reads the binary from the file beside a CommonJS bundle, so that the package does
 * not contain a second copy. A missing or damaged file gives null.
 */
export async function read(path) {
  return `import { readFileSync } from 'node:fs';
    import { join } from 'node:path';
    ${checksum}
    export default function loadBinary() {
      try {
        const bytes = readFileSync(join(__dirname, '${basename(path)}'));
        return checksum(bytes) === ${checksum(await readFile(path))}n ? bytes : null;
      } catch {
        return null;
      }
    }`;
}

/** An esbuild plugin: importing a .wasm file gives the module of {@link embed}. */
export const embedWasm = {
  name: 'embed-wasm',
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await embed(path) }));
  },
};
