// Prints the software bill of materials of a packed package in CycloneDX format: `sbom.mjs TARBALL`. The package has no
// dependencies, but it contains third-party code, which NOTICE lists: libraries in the bundles, and parts of the C library in
// the binary.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';

const [, , tarball] = process.argv;
if (tarball === undefined) {
  console.error('sbom: TARBALL is missing: give the path of a package that make pack has packed');
  process.exit(1);
}

const NPM = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'library', '--package-lock-only'];
const installed = JSON.parse(execFileSync('npm', NPM, { encoding: 'utf8', maxBuffer: 2 ** 26 }));
const notice = readFileSync('NOTICE', 'utf8');
const { name } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The libraries in the bundles: `lit-html 3.3.3 (BSD-3-Clause), in dist/page/page.js`. */
const bundled = Array.from(
  notice.matchAll(/^(\S+) (\d\S+) \(.*\), in dist\/.*$/gm),
  ([, library, version]) => {
    const component = installed.components.find((each) => each.name === library && each.version === version);
    if (component === undefined)
      throw new Error(`package-lock.json has no ${library} ${version}, which NOTICE names`);
    // npm lists them as development dependencies.
    return { ...component, scope: 'required', properties: [] };
  },
);

/** The libraries that are linked into the binary: `musl, in libchrony.wasm: strlen`. */
const linked = Array.from(notice.matchAll(/^(\S+), in libchrony\.wasm: .*$/gm), ([, library]) => ({
  'bom-ref': library,
  type: 'library',
  name: library,
  scope: 'required',
  licenses: [{ license: { id: 'MIT' } }],
}));

const components = [...bundled, ...linked];
const { component, tools } = installed.metadata;
const reference = component['bom-ref'];
const content = createHash('sha512').update(readFileSync(tarball)).digest('hex');
const bill = {
  ...installed,
  metadata: {
    timestamp: installed.metadata.timestamp,
    lifecycles: [{ phase: 'build' }],
    tools,
    component: { ...component, name, hashes: [{ alg: 'SHA-512', content }] },
  },
  components,
  dependencies: [
    { ref: reference, dependsOn: components.map((each) => each['bom-ref']) },
    ...components.map((each) => ({ ref: each['bom-ref'], dependsOn: [] })),
  ],
};
console.log(JSON.stringify(bill, null, 2));
