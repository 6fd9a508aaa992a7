/** The example for Vitest, as a project of its own that has today's package installed. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built } from '../system/package/support/build.ts';
import { mustRun, run } from '../system/package/support/run.ts';

const EXAMPLE = 'test/examples/vitest';

let project: string;
beforeAll(async () => {
  project = mkdtempSync(join(tmpdir(), 'vitest-'));
  cpSync(EXAMPLE, project, { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  symlinkSync((await built()).root, join(project, 'node_modules/chrony-wasm'));
  symlinkSync(resolve('node_modules/vitest'), join(project, 'node_modules/vitest'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Vitest, as `npm test` runs it. */
function vitest(...args: readonly string[]): string[] {
  return [resolve('node_modules/vitest/vitest.mjs'), 'run', ...args];
}

it('passes', async () => {
  const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  expect(scripts.test).toBe('vitest run');
  const results = join(project, 'results.json');
  await mustRun(process.execPath, vitest('--reporter=json', `--outputFile=${results}`), { cwd: project });
  const { success, numPassedTests, numTotalTests } = JSON.parse(readFileSync(results, 'utf8'));
  expect({ success, numPassedTests, numTotalTests }).toEqual({
    success: true,
    numPassedTests: 9,
    numTotalTests: 9,
  });
});

it('fails where the application starts on any clock', async () => {
  const broken = join(project, 'broken');
  cpSync(EXAMPLE, broken, { recursive: true });
  const code = readFileSync(join(broken, 'clock.js'), 'utf8').replace('throw new Error(', 'void (');
  writeFileSync(join(broken, 'clock.js'), code);
  const { status, stdout, stderr } = await run(process.execPath, vitest(), { cwd: broken });
  expect(status).toBe(1);
  expect(`${stdout}${stderr}`).toContain('does not start: silence');
});
