/** What is in the tarball: all that a user needs, and nothing else. */
import { access, constants, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Project, ROOT } from './support/build.ts';
import { mustRun } from './support/run.ts';

interface Manifest {
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: object;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly scripts: Readonly<Record<string, string>>;
}

let project: Project;
let manifest: Manifest;

beforeAll(async () => {
  project = await Project.make();
  manifest = JSON.parse(await readFile(join(project.installed, 'package.json'), 'utf8'));
});
afterAll(() => project?.[Symbol.asyncDispose]());

/** Every file that `exports` and `bin` name. */
function targets(): string[] {
  const exported = Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  return [...exported, ...Object.values(manifest.bin)].map((path) => path.replace(/^\.\//, ''));
}

/** The declarations that TypeScript reads for these, by their imports. */
async function declarations(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set(paths);
  for (const path of found) {
    const text = await readFile(join(project.installed, path), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import) ?\(?'(\.[^']*)'/g)) {
      found.add(join(dirname(path), specifier.replace(/\.[jt]s$/, '.d.ts')));
    }
  }
  return found;
}

it('holds the documents, the bundles, the binary and declarations, and nothing else', () => {
  const declarationFiles = project.packed.filter((path) => /^dist\/.*\.d\.ts$/.test(path));
  const others = project.packed.filter((path) => !declarationFiles.includes(path));
  expect(others).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'dist/chrony-wasm.1',
    'dist/cli.cjs',
    'dist/index.js',
    'dist/libchrony.wasm',
    'dist/metrics/chunk.js',
    'dist/opentelemetry/index.js',
    'dist/page/index.html',
    'dist/page/page.css',
    'dist/page/page.js',
    'dist/parts/chunk.js',
    'dist/parts/unix.js',
    'dist/prometheus/index.js',
    'dist/serve.js',
    'dist/testing/index.js',
    'package.json',
  ]);
});

it('holds every declaration that an entry point needs, and none of the programs', async () => {
  const needed = await declarations(targets().filter((path) => path.endsWith('.d.ts')));
  expect([...needed].filter((path) => !project.packed.includes(path))).toEqual([]);
  expect(
    project.packed.filter((path) => /^dist\/(?:cli|metrics|page|server|survey)\/.*\.d\.ts$/.test(path)),
  ).toEqual([]);
});

it('holds every file that it exports', () => {
  expect(targets().filter((path) => !project.packed.includes(path))).toEqual([]);
});

it('exports what is documented', () => {
  expect(Object.keys(manifest.exports)).toEqual(
    expect.arrayContaining([
      '.',
      './testing',
      './prometheus',
      './opentelemetry',
      './libchrony.wasm',
      './package.json',
    ]),
  );
});

it('depends on nothing and runs nothing when it is installed', () => {
  for (const kind of ['dependencies', 'optionalDependencies', 'bundleDependencies']) {
    expect(manifest).not.toHaveProperty(kind);
  }
  // nobody has to have it
  const peers = ['@opentelemetry/api', 'koffi', 'prom-client'];
  expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(peers);
  expect(manifest.peerDependenciesMeta).toEqual(
    Object.fromEntries(peers.map((name) => [name, { optional: true }])),
  );
  const installScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
  expect(Object.keys(manifest.scripts).filter((name) => installScripts.includes(name))).toEqual([]);
});

it('installs a command that runs', async () => {
  const bin = join(project.dir, 'node_modules/.bin/chrony-wasm');
  await access(bin, constants.X_OK);
  expect((await readFile(bin, 'utf8')).split('\n')[0]).toBe('#!/usr/bin/env node');
  expect(await mustRun(bin, ['--version'])).toBe(`chrony-wasm ${manifest.version}\n`);
});

it('puts metrics on the registries that an application has, and shares its errors with the library', async () => {
  const meter =
    "const { observeChrony } = await import('chrony-wasm/opentelemetry'); console.log(typeof observeChrony)";
  const evaluate = ['--input-type=module', '--eval', meter];
  expect(await mustRun(process.execPath, evaluate, { cwd: project.dir })).toBe('function\n');
  for (const name of ['prom-client', '@opentelemetry']) {
    await symlink(join(ROOT, 'node_modules', name), join(project.dir, 'node_modules', name));
  }
  const printed = await mustRun(process.execPath, ['metrics.mjs'], { cwd: project.dir });
  expect(JSON.parse(printed)).toEqual({ prometheus: 3, opentelemetry: 3, refused: true });
});

it('says nothing of the machine that it was built on', async () => {
  for (const path of project.packed.filter((each) => each.startsWith('dist/'))) {
    const text = await readFile(join(project.installed, path), 'latin1');
    expect(text.includes(ROOT) || text.includes(project.dir), path).toBe(false);
  }
});
