/** Runs the example for Jest, as a project of its own that has the built package installed. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built } from '../system/package/support/build.ts';
import { type Outcome, run } from '../system/package/support/run.ts';

let project: string;
beforeAll(async () => {
  project = mkdtempSync(join(realpathSync(tmpdir()), 'jest-'));
  cpSync('test/examples/jest', project, { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  symlinkSync((await built()).root, join(project, 'node_modules/chrony-wasm'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** Runs Jest as `npm test` does. */
function jest(...args: readonly string[]): Promise<Outcome> {
  const program = resolve('test/system/bundlers/node_modules/jest/bin/jest.js');
  return run(process.execPath, [program, ...args], { cwd: project });
}

it('passes', async () => {
  const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
  expect(scripts.test).toBe('jest');
  const results = join(project, 'results.json');
  const { status, stderr } = await jest('--json', `--outputFile=${results}`);
  expect(status, stderr).toBe(0);
  const { success, numPassedTests, numTotalTests } = JSON.parse(readFileSync(results, 'utf8'));
  expect({ success, numPassedTests, numTotalTests }).toEqual({
    success: true,
    numPassedTests: 7,
    numTotalTests: 7,
  });
});

it('fails if the application starts on any clock', async () => {
  const code = readFileSync(join(project, 'clock.js'), 'utf8');
  writeFileSync(join(project, 'clock.js'), code.replace('throw new Error(', 'void ('));
  const { status, stderr } = await jest();
  writeFileSync(join(project, 'clock.js'), code);
  expect(status).toBe(1);
  expect(stderr).toContain('does not start: silence');
});
