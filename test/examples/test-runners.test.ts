/** Runs the examples for test runners, each as a project of its own that has the built package installed. */
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
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../system/package/support/build.ts';
import { type Outcome, run } from '../system/package/support/run.ts';

interface Runner {
  readonly name: 'vitest' | 'jest';
  readonly script: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly jsonArgs: readonly string[];
  /** The packages that the project imports, by their names. */
  readonly imports: readonly string[];
  readonly tests: number;
}

const RUNNERS: readonly Runner[] = [
  {
    name: 'vitest',
    script: 'vitest run',
    program: resolve('node_modules/vitest/vitest.mjs'),
    args: ['run'],
    jsonArgs: ['--reporter=json'],
    imports: ['vitest'],
    tests: 9,
  },
  {
    name: 'jest',
    script: 'jest',
    program: resolve('test/system/bundlers/node_modules/jest/bin/jest.js'),
    args: [],
    jsonArgs: ['--json'],
    imports: [],
    tests: 7,
  },
];

describe.each(RUNNERS)('$name', ({ name, script, program, args, jsonArgs, imports, tests }) => {
  let project: string;
  beforeAll(async () => {
    project = mkdtempSync(join(realpathSync(tmpdir()), `${name}-`));
    cpSync(join('test/examples', name), project, { recursive: true });
    mkdirSync(join(project, 'node_modules'));
    symlinkSync((await built()).root, join(project, 'node_modules/chrony-wasm'));
    for (const each of imports)
      symlinkSync(resolve('node_modules', each), join(project, 'node_modules', each));
  });
  afterAll(() => rmSync(project, { recursive: true, force: true }));

  /** Runs the tests as `npm test` does. */
  function runTests(...more: readonly string[]): Promise<Outcome> {
    return run(process.execPath, [program, ...args, ...more], { cwd: project });
  }

  it('passes', async () => {
    const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
    expect(scripts.test).toBe(script);
    const results = join(project, 'results.json');
    const { status, stderr } = await runTests(...jsonArgs, `--outputFile=${results}`);
    expect(status, stderr).toBe(0);
    const { success, numPassedTests, numTotalTests } = JSON.parse(readFileSync(results, 'utf8'));
    expect({ success, numPassedTests, numTotalTests }).toEqual({
      success: true,
      numPassedTests: tests,
      numTotalTests: tests,
    });
  });

  it('fails if the application starts on any clock', async () => {
    const code = readFileSync(join(project, 'clock.js'), 'utf8');
    writeFileSync(join(project, 'clock.js'), code.replace('throw new Error(', 'void ('));
    const { status, stdout, stderr } = await runTests();
    expect(status).toBe(1);
    expect(`${stdout}${stderr}`).toContain('does not start: silence');
  });
});
