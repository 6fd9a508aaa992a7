/** The summary that `.ci/run` prints at its end, from the results that the test runner has written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { run } from '../../system/package/support/run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'summary-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function summaryOf(results: object) {
  const file = join(folder, 'results.json');
  await writeFile(file, JSON.stringify(results));
  const { status, stdout, stderr } = await run(process.execPath, ['.ci/summary.mjs', file]);
  return { status, stdout, stderr };
}

const passed = { status: 'passed', fullName: 'the one', failureMessages: [] };

it('names the tests that failed, with the first line of each message', async () => {
  const failed = {
    status: 'failed',
    fullName: 'the other',
    failureMessages: ['Error: expected \u001b[32m1\u001b[39m to be 2\n    at somewhere'],
  };
  const file = {
    name: join(process.cwd(), 'test/a.test.ts'),
    status: 'failed',
    message: '',
    assertionResults: [passed, failed],
  };
  expect(
    await summaryOf({ numPassedTests: 1, numFailedTests: 1, success: false, testResults: [file] }),
  ).toEqual({
    status: 0,
    stdout: '1 1 false\n',
    stderr: 'failed: test/a.test.ts > the other: Error: expected 1 to be 2\n',
  });
});

it('counts a file that does not load as a failure', async () => {
  const files = [
    {
      name: join(process.cwd(), 'test/a.test.ts'),
      status: 'passed',
      message: '',
      assertionResults: [passed],
    },
    {
      name: join(process.cwd(), 'test/b.test.ts'),
      status: 'failed',
      message: 'no such file\nin b',
      assertionResults: [],
    },
  ];
  expect(
    await summaryOf({ numPassedTests: 1, numFailedTests: 0, success: false, testResults: files }),
  ).toEqual({ status: 0, stdout: '1 1 false\n', stderr: 'failed: test/b.test.ts: no such file\n' });
});
