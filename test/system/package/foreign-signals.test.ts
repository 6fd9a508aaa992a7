/**
 * Abort signals that are not instances of the runtime's class: signals of a polyfill or of another realm. A test environment such
 * as jsdom or happy-dom also replaces all or some of the global classes.
 */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, startMockChronyd } from '../../../src/testing/index.ts';
import { Project, ROOT } from './support/build.ts';
import { mustRun, run } from './support/run.ts';
import { bun, deno, node, oldestNode } from './support/runtimes.ts';

let project: Project;
let mocks: readonly MockChronyd[];

beforeAll(async () => {
  project = await Project.make();
  const scenarios = ['synchronized', 'silence', 'unsynchronized'] as const;
  mocks = await Promise.all(scenarios.map((scenario) => startMockChronyd(scenario)));
});
afterAll(async () => {
  await Promise.all((mocks ?? []).map((mock) => mock.close()));
  await project?.[Symbol.asyncDispose]();
});

const ALL = 'AbortController,AbortSignal,EventTarget,Event,DOMException';

describe.concurrent.each([node, ...oldestNode, bun, deno])('$name', (runtime) => {
  it.each([
    ['never', ''],
    ['before', ALL],
    ['after', ALL],
    ['before', 'AbortController'],
    ['after', 'AbortController'],
    ['before', 'AbortSignal'],
    ['after', 'AbortSignal,EventTarget'],
  ])('every call accepts one: globals replaced %s the package is loaded: %s', async (when, names) => {
    const args = [when, names, ...mocks.map(({ address }) => address)];
    const outcome = await run(runtime.program, [...runtime.args, 'foreign-signals.mjs', ...args], {
      cwd: project.dir,
    });
    expect(outcome).toEqual({ status: 0, signal: null, stdout: '[]\n', stderr: '' });
  });
});

it.each([ALL, 'AbortController', 'AbortSignal'])(
  "metrics work without the runtime's signals: %s replaced",
  async (names) => {
    await using another = await Project.make();
    for (const name of ['prom-client', '@opentelemetry']) {
      await symlink(join(ROOT, 'node_modules', name), join(another.dir, 'node_modules', name));
    }
    const program = `import { replaceGlobals } from './foreign.mjs'; replaceGlobals('${names}'); await import('./metrics.mjs');`;
    const printed = await mustRun(node.program, ['--input-type=module', '--eval', program], {
      cwd: another.dir,
    });
    expect(JSON.parse(printed)).toEqual({ prometheus: 3, opentelemetry: 3, refused: true });
  },
);
