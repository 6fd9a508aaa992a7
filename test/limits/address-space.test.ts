/** A limit on the address space, of which WebAssembly reserves more than any other part of a program. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ROOT } from '../package/support/build.ts';
import { mustRun } from '../package/support/run.ts';
import { Chronyd } from '../support/chronyd.ts';

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await Chronyd.start();
  await mustRun(process.execPath, ['esbuild.config.mjs', 'test/limits/one-call.ts'], { cwd: ROOT });
});
afterAll(() => chronyd?.stop());

async function limited(...flags: string[]): Promise<unknown> {
  const program = [process.execPath, ...flags, join(ROOT, 'build/one-call.js'), chronyd.address];
  return JSON.parse(await mustRun('prlimit', ['--as=4000000000', ...program]));
}

it('is told apart from a damaged binary, with what can be done', async () => {
  const refused = {
    name: 'ChronyLibraryError',
    code: 'ERR_CHRONY_LIBRARY',
    message: expect.stringMatching(/raise the limit \(ulimit -v, .* node --disable-wasm-trap-handler/),
  };
  // newer ones do without the address space by themselves
  const needsIt = Number(process.versions.node.split('.')[0]) < 24;
  expect(await limited()).toEqual(needsIt ? refused : 'answered');
  expect(await limited('--disable-wasm-trap-handler')).toBe('answered');
});
