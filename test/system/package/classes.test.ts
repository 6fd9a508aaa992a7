/** Each class exists once in all bundles: `instanceof` works for errors and records from every entry point. */
import { appendFile, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Copy, Project, ROOT } from './support/build.ts';
import { mustRun, run } from './support/run.ts';
import { bun, deno, node, oldestNode } from './support/runtimes.ts';

let project: Project;

beforeAll(async () => {
  project = await Project.make();
  for (const name of ['prom-client', 'tdigest', 'bintrees', '@opentelemetry']) {
    await symlink(join(ROOT, 'node_modules', name), join(project.dir, 'node_modules', name));
  }
});
afterAll(() => project?.[Symbol.asyncDispose]());

describe.each([node, ...oldestNode, bun, deno])('$name', ({ program, args }) => {
  it('all entry points use the classes of the library', async () => {
    // prom-client reads environment variables.
    const permissions = program === deno.program ? ['--allow-env', '--allow-sys', '--allow-read'] : [];
    const stdout = await mustRun(program, [...args, ...permissions, 'classes.mjs'], { cwd: project.dir });
    expect(JSON.parse(stdout)).toEqual({
      factories: {
        makeActivity: 'Activity',
        makeAuthData: 'AuthData',
        makeClientAccess: 'ClientAccess',
        makeManualSample: 'ManualSample',
        makeNtpData: 'NtpData',
        makeRtcData: 'RtcData',
        makeSelectData: 'SelectData',
        makeServerStats: 'ServerStats',
        makeSmoothing: 'Smoothing',
        makeSource: 'Source',
        makeSourceName: 'SourceName',
        makeSourceStats: 'SourceStats',
        makeTracking: 'TrackingStatus',
      },
      factoryThrows: 'ChronyDataError',
      prometheusThrows: 'ChronyConnectionError',
      opentelemetryThrows: 'ChronyConnectionError',
    });
  });
});

it('each class of the library is defined in only one file, and keeps its name', async () => {
  const library: object = await import(join(project.installed, 'dist/index.js'));
  const classes = Object.entries(library).filter(([, value]) => /^class\b/.test(String(value)));
  expect(classes.map(([, { name }]) => name)).toEqual(classes.map(([name]) => name));
  const files = project.packed.filter(
    (path) => /\.c?js$/.test(path) && !path.startsWith('dist/command') && !path.startsWith('dist/page/'),
  );
  const places = new Map<string, string[]>(classes.map(([name]) => [name, []]));
  for (const file of files) {
    const code = await readFile(join(project.installed, file), 'utf8');
    for (const [, name = ''] of code.matchAll(/\b(\w+) = class\b/g)) places.get(name)?.push(file);
  }
  expect([...places.keys()]).toEqual(expect.arrayContaining(['ChronyError', 'TrackingStatus']));
  expect([...places].filter(([, [file, ...more]]) => file !== 'dist/index.cjs' || more.length > 0)).toEqual(
    [],
  );
});

it.each([node, ...oldestNode])(
  '$name: require() and import give the same objects',
  async ({ program, args }) => {
    const entries = [
      'chrony-wasm',
      'chrony-wasm/testing',
      'chrony-wasm/prometheus',
      'chrony-wasm/opentelemetry',
    ];
    const stdout = await mustRun(program, [...args, 'same.cjs', ...entries], { cwd: project.dir });
    expect(JSON.parse(stdout)).toEqual({ different: [], entries: 4, record: true, error: true });
  },
);

describe('the build refuses', () => {
  const errorOf = async (copy: Copy): Promise<string> => {
    const { status, stderr } = await run(process.execPath, ['esbuild.config.mjs'], { cwd: copy.root });
    expect(status).toBe(1);
    return stderr;
  };

  it('a second copy of a class', async () => {
    await using copy = await Copy.make();
    await appendFile(
      join(copy.root, 'src/testing/index.ts'),
      "export { TrackingStatus } from '../reports/tracking.ts';\n",
    );
    expect(await errorOf(copy)).toContain(
      'src/reports/tracking.ts has classes or state, and would be in each of dist/index.cjs, dist/testing/index.cjs',
    );
  });

  it('a second copy of the errors if their file is renamed', async () => {
    await using copy = await Copy.make();
    const src = join(copy.root, 'src');
    await rename(join(src, 'errors.ts'), join(src, 'failures.ts'));
    for (const file of await readdir(src, { recursive: true })) {
      if (!file.endsWith('.ts')) continue;
      const way = '../'.repeat(file.split('/').length - 1) || './';
      const source = await readFile(join(src, file), 'utf8');
      await writeFile(join(src, file), source.replaceAll(`'${way}errors.ts'`, `'${way}failures.ts'`));
    }
    expect(await errorOf(copy)).toContain(
      'src/failures.ts has classes or state, and would be in each of dist/index.cjs, ',
    );
  });
});
