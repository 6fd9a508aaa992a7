// How the binary gets into a bundle, or to it: as a module that exports a function that gives its bytes.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * The remainder of the bytes as one number by a prime of 64 bits: a change within eight bytes cannot escape it. The
 * engine divides; a loop over the bytes would be compiled for this one run. Its source goes into the bundle, too.
 */
function checksum(bytes) {
  return BigInt(`0x0${bytes.toString('hex')}`) % 0xffffffffffffffc5n;
}

/**
 * The source of that module. It decodes and checks when it is called, not when it is imported: most bytes of a damaged binary still
 * make a valid one, which would then answer wrongly, and importing a package must neither throw nor take time.
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

/** The source of a module that reads the binary from the file beside a CommonJS bundle: no second copy of it to ship. */
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

/** For esbuild: importing a .wasm file gives the module that holds it. */
export const embedWasm = {
  name: 'embed-wasm',
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await embed(path) }));
  },
};
