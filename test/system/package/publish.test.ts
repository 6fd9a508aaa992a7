/** publint and "Are the types wrong?" find no problem in the tarball. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Project, ROOT } from './support/build.ts';
import { run } from './support/run.ts';

let project: Project;

beforeAll(async () => {
  project = await Project.make();
});
afterAll(() => project?.[Symbol.asyncDispose]());

const check = (name: string, ...args: readonly string[]) =>
  run(join(ROOT, 'node_modules/.bin', name), args, { env: { NO_COLOR: '1' } });

it('publint reports no suggestion', async () => {
  const outcome = await check('publint', 'run', project.tarball, '--strict', '--level', 'suggestion');
  expect(outcome).toMatchObject({ status: 0, stdout: expect.stringContaining('All good!') });
});

const MONITORING = ['alerts.yml', 'dashboard.json', 'recording-rules.yml'].map(
  (name) => `monitoring/${name}`,
);

it('"Are the types wrong?" reports no problem', async () => {
  const outcome = await check(
    'attw',
    project.tarball,
    '--no-emoji',
    '--no-definitely-typed',
    // a binary and files for Prometheus and Grafana, which have no types
    ...['--exclude-entrypoints', 'libchrony.wasm', ...MONITORING],
  );
  expect(outcome).toMatchObject({ status: 0 });
});
