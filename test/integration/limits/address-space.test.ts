/** A limit on the address space, since WebAssembly reserves more of it than any other part of a program. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle } from '../../support/bundle.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { mustRun } from '../../system/package/support/run.ts';

let chronyd: Chronyd;
let program: string;

beforeAll(async () => {
  chronyd = await Chronyd.start();
  program = await bundle('test/integration/limits/one-call.ts');
});
afterAll(() => chronyd?.stop());

async function limited(...flags: string[]): Promise<unknown> {
  const args = ['--as=4000000000', process.execPath, ...flags, program, chronyd.address];
  return JSON.parse(await mustRun('prlimit', args));
}

it('causes an error that differs from that of a damaged binary and names the solutions', async () => {
  const refused = {
    name: 'ChronyLibraryError',
    code: 'ERR_CHRONY_LIBRARY',
    message: expect.stringMatching(/raise the limit \(ulimit -v, .* node --disable-wasm-trap-handler/),
  };
  // newer versions of Node.js do not need the address space
  const needsIt = Number(process.versions.node.split('.')[0]) < 24;
  expect(await limited()).toEqual(needsIt ? refused : 'answered');
  expect(await limited('--disable-wasm-trap-handler')).toBe('answered');
});
