/** The package does nothing while there is no request. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { Project } from './support/build.ts';
import { run } from './support/run.ts';
import { bun, deno, node } from './support/runtimes.ts';

let project: Project;
let mock: MockChronyd;

beforeAll(async () => {
  project = await Project.make();
  mock = await startMockChronyd('synchronized');
});
afterAll(async () => {
  await mock?.close();
  await project?.[Symbol.asyncDispose]();
});

describe.concurrent.each([node, bun, deno])('$name', ({ program, args }) => {
  // If the package keeps the process alive, the timeout of run() ends it, and the test fails.
  const ends = (name: string) => run(program, [...args, name, mock.address], { cwd: project.dir });

  it('ends after importing the package, without any output', async () => {
    expect(await ends('only-import.mjs')).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
  });

  it('ends by itself after a one-shot call', async () => {
    expect(await ends('one-shot.mjs')).toEqual({ status: 0, signal: null, stdout: '3\n', stderr: '' });
  });

  it('ends by itself even if a connection was never closed', async () => {
    expect(await ends('never-closed.mjs')).toEqual({ status: 0, signal: null, stdout: '3\n', stderr: '' });
  });

  it('ends by itself even if a clock was never closed', async () => {
    const outcome = { status: 0, signal: null, stdout: 'synchronized true\n', stderr: '' };
    expect(await ends('bounded-clock.mjs')).toEqual(outcome);
  });

  it('does not end while the program waits for a clock', async () => {
    expect(await ends('waiting.mjs')).toEqual({ status: 0, signal: null, stdout: 'true\n', stderr: '' });
  });
});

it('opens no handle, sets no global and adds no listener when it is imported', async () => {
  const { stdout } = await run(node.program, ['side-effects.mjs'], { cwd: project.dir });
  expect(JSON.parse(stdout)).toEqual({ handles: [], changed: false });
});
