// Generates NOTICE: the licenses of third-party code in the binary and in the bundles.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The origin of each library in wasm/linked.txt, which lists the objects that the linker put into the binary. */
const ORIGINS = {
  libc: 'musl',
  'libemmalloc-noerrno': 'emscripten',
  'libstandalonewasm-memgrow': 'emscripten',
  libcompiler_rt: 'emscripten',
};

const PREFACE =
  'chrony-wasm is under the license in LICENSE. It contains third-party code under the following licenses:\n';

async function inBinary() {
  const linked = (await readFile('wasm/linked.txt', 'utf8')).trim().split('\n');
  const parts = new Map();
  for (const object of linked) {
    const [library] = object.split('.a');
    // Emscripten's libc also contains objects that are not from musl
    const origin = /\((?:emscripten|wasi)/.test(object) ? 'emscripten' : ORIGINS[library];
    if (origin === undefined)
      throw new Error(
        `unknown origin of ${library} in wasm/linked.txt; add it to ORIGINS in wasm/notice.mjs`,
      );
    parts.set(origin, [...(parts.get(origin) ?? []), object.replace(/.*\((.*)\.o\)/, '$1')]);
  }
  return Promise.all(
    Array.from(parts, async ([origin, names]) => {
      const licence = await readFile(`third_party/licences/${origin}.txt`, 'utf8');
      return section(`${origin}, in libchrony.wasm: ${names.join(', ')}`, licence);
    }),
  );
}

async function inBundles(results) {
  const bundles = new Map();
  for (const { metafile } of results) {
    for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
        if (name === undefined || bytesInOutput === 0) continue;
        bundles.set(name, (bundles.get(name) ?? new Set()).add(output));
      }
    }
  }
  return Promise.all(
    Array.from(bundles, async ([name, outputs]) => {
      const folder = join('node_modules', name);
      const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const text = await readFile(join(folder, 'LICENSE'), 'utf8');
      return section(`${name} ${version} (${license}), in ${[...outputs].sort().join(', ')}`, text);
    }),
  );
}

function section(title, licence) {
  const lines = licence.replaceAll('\r\n', '\n').trim();
  return `${'-'.repeat(110)}\n${title}\n\n${lines}\n`;
}

/** @param results - esbuild's results with metafiles, which list the files in each bundle */
export async function notice(results) {
  const sections = [...(await inBinary()), ...(await inBundles(results))].sort();
  return [PREFACE, ...sections].join('\n');
}
