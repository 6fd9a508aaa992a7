/** The tarball contains everything that a user needs, and nothing else. */
import { access, constants, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Project, ROOT } from './support/build.ts';
import { mustRun } from './support/run.ts';

/** A path, or a path for each condition. */
type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: object;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, Target>>;
  readonly exports: Readonly<Record<string, Target>>;
  readonly scripts: Readonly<Record<string, string>>;
}

let project: Project;
let manifest: Manifest;

beforeAll(async () => {
  project = await Project.make();
  manifest = JSON.parse(await readFile(join(project.installed, 'package.json'), 'utf8'));
});
afterAll(() => project?.[Symbol.asyncDispose]());

/** All files in `exports`, `imports` and `bin`. */
function targets(): string[] {
  const paths = (target: Target): string[] =>
    typeof target === 'string' ? [target] : Object.values(target).flatMap(paths);
  const { imports, exports, bin } = manifest;
  return [exports, imports, bin].flatMap(paths).map((path) => path.replace(/^\.\//, ''));
}

it('contains the documents, the bundles, the binary, the page and the declarations of the entry points, and nothing else', () => {
  expect(project.packed).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'NOTICE',
    'README.md',
    'dist/chrony-wasm.1',
    'dist/cli.cjs',
    'dist/command.cjs',
    'dist/command/cli-bound.cjs',
    'dist/command/cli-completion.cjs',
    'dist/command/cli-extension-reports.cjs',
    'dist/command/cli-fleet-command.cjs',
    'dist/command/cli-manual-help.cjs',
    'dist/command/cli-manual-man.cjs',
    'dist/command/cli-serve.cjs',
    'dist/command/cli-waitsync.cjs',
    'dist/command/cli-watch-command.cjs',
    'dist/command/cli-watch-loop.cjs',
    'dist/command/cli-watch-screen.cjs',
    'dist/command/clock-synchronized.cjs',
    'dist/index.bundler.js',
    'dist/index.cjs',
    'dist/index.d.cts',
    'dist/index.d.ts',
    'dist/index.js',
    'dist/libchrony.wasm',
    'dist/metrics/shared.bundler.js',
    'dist/metrics/shared.cjs',
    'dist/metrics/shared.js',
    'dist/monitoring/README.md',
    'dist/monitoring/alerts.yml',
    'dist/monitoring/dashboard.json',
    'dist/monitoring/recording-rules.yml',
    'dist/opentelemetry/index.bundler.js',
    'dist/opentelemetry/index.cjs',
    'dist/opentelemetry/index.d.cts',
    'dist/opentelemetry/index.d.ts',
    'dist/opentelemetry/index.js',
    'dist/page/fleet/index.html',
    'dist/page/fleet/page.css',
    'dist/page/fleet/page.js',
    'dist/page/index.html',
    'dist/page/page.css',
    'dist/page/page.js',
    'dist/prometheus/index.bundler.js',
    'dist/prometheus/index.cjs',
    'dist/prometheus/index.d.cts',
    'dist/prometheus/index.d.ts',
    'dist/prometheus/index.js',
    'dist/serve.js',
    'dist/serve/bcrypt-worker.js',
    'dist/serve/process-metrics.js',
    'dist/serve/yaml.js',
    'dist/testing/index.bundler.js',
    'dist/testing/index.cjs',
    'dist/testing/index.d.cts',
    'dist/testing/index.d.ts',
    'dist/testing/index.js',
    'package.json',
  ]);
});

it('declares only the exports of its entry points and the types that they use', async () => {
  for (const path of project.packed.filter((each) => each.endsWith('.d.cts'))) {
    const text = await readFile(join(project.installed, path), 'utf8');
    // All entry points use the same classes of the library.
    const imported = Array.from(text.matchAll(/^import .* from '([^']+)'/gm), ([, specifier]) => specifier);
    const others = ['chrony-wasm', 'prom-client', '@opentelemetry/api'];
    expect(imported.filter((specifier) => !others.includes(specifier ?? ''))).toEqual([]);
    if (path !== 'dist/index.d.cts') expect(text).not.toContain('declare class');
    expect(text.match(/@internal|^\/\*\*[\s\S]*?\*\/\n\n/gm)).toBeNull();
  }
});

it('contains every file that its package.json refers to', () => {
  expect(targets().filter((path) => !project.packed.includes(path))).toEqual([]);
});

it('exports the documented names', () => {
  expect(Object.keys(manifest.exports)).toEqual(
    expect.arrayContaining([
      '.',
      './testing',
      './prometheus',
      './opentelemetry',
      './monitoring/alerts.yml',
      './monitoring/dashboard.json',
      './monitoring/recording-rules.yml',
      './libchrony.wasm',
      './package.json',
    ]),
  );
});

it('has no dependencies, and no install scripts', () => {
  for (const kind of ['dependencies', 'optionalDependencies', 'bundleDependencies']) {
    expect(manifest).not.toHaveProperty(kind);
  }
  // Peer dependencies are optional.
  const peers = ['@opentelemetry/api', 'koffi', 'prom-client'];
  expect(Object.keys(manifest.peerDependencies ?? {})).toEqual(peers);
  expect(manifest.peerDependenciesMeta).toEqual(
    Object.fromEntries(peers.map((name) => [name, { optional: true }])),
  );
  const installScripts = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
  expect(Object.keys(manifest.scripts).filter((name) => installScripts.includes(name))).toEqual([]);
});

it('installs a working command', async () => {
  const bin = join(project.dir, 'node_modules/.bin/chrony-wasm');
  await access(bin, constants.X_OK);
  expect((await readFile(bin, 'utf8')).split('\n')[0]).toBe('#!/usr/bin/env node');
  expect(await mustRun(bin, ['--version'])).toBe(`chrony-wasm ${manifest.version}\n`);
});

it("adds metrics to an application's registries, and throws the errors of the library", async () => {
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

it('has the licenses of all third-party code, as the NOTICE of the repository does', async () => {
  const notice = await readFile(join(project.installed, 'NOTICE'), 'utf8');
  expect(notice).toBe(await readFile(join(ROOT, 'NOTICE'), 'utf8'));
  const titles = Array.from(notice.matchAll(/^-{110}\n([\w-]+)/gm), ([, name]) => name);
  expect(titles).toEqual(['bcryptjs', 'emscripten', 'lit-html', 'musl', 'prom-client', 'uplot', 'yaml']);
});

it('contains no information about the machine that built it', async () => {
  const places = [join(ROOT, 'node_modules'), join(ROOT, 'src'), dirname(project.tarball), project.dir];
  for (const path of project.packed.filter((each) => each.startsWith('dist/'))) {
    const text = await readFile(join(project.installed, path), 'latin1');
    expect(
      places.filter((place) => text.includes(place)),
      path,
    ).toEqual([]);
  }
});
