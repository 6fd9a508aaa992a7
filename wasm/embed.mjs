// How the binary gets into a bundle, or to it: as a module that exports a function that gives its bytes.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * FNV-1a, which no change of a single byte escapes, four bytes at a time: it runs once, so it is never
 * compiled. Its source goes into the bundle, too.
 */
function checksum(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = bytes.length - (bytes.length % 4);
  let hash = 0x811c9dc5;
  for (let i = 0; i < words; i += 4) hash = Math.imul(hash ^ view.getUint32(i), 0x01000193);
  for (let i = words; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash >>> 0;
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
      const bytes = new Uint8Array(Buffer.from('${binary.toString('base64')}', 'base64'));
      return checksum(bytes) === ${checksum(binary)} ? bytes : null;
    }`;
}

/** The source of a module that reads the binary from the file beside a CommonJS bundle: no second copy of it to ship. */
async function read(path) {
  return `import { readFileSync } from 'node:fs';
    import { join } from 'node:path';
    ${checksum}
    export default function loadBinary() {
      try {
        const bytes = new Uint8Array(readFileSync(join(__dirname, '${basename(path)}')));
        return checksum(bytes) === ${checksum(await readFile(path))} ? bytes : null;
      } catch {
        return null;
      }
    }`;
}

function plugin(name, source) {
  return {
    name,
    setup({ onLoad }) {
      onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await source(path) }));
    },
  };
}

/** For esbuild: importing a .wasm file gives one of these modules. */
export const embedWasm = plugin('embed-wasm', embed);
export const readWasm = plugin('read-wasm', read);
