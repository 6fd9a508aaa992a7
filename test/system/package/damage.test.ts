/** With a damaged package or without WebAssembly, the import works, and the error of a call says what to do. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, startMockChronyd, testTime } from '../../../src/testing/index.ts';
import { Project } from './support/build.ts';
import { mustRun, run } from './support/run.ts';
import { bun, deno, node, type Runtime } from './support/runtimes.ts';

let project: Project;
let mock: MockChronyd;
let bundle: string;
/** The embedded binary, as base64 in the bundle and as bytes. */
let base64: string;
let binary: Buffer;

beforeAll(async () => {
  project = await Project.make();
  mock = await startMockChronyd('synchronized', { time: testTime });
  bundle = await readFile(join(project.installed, 'dist/index.cjs'), 'utf8');
  // A WebAssembly binary begins with `\0asm`.
  const [embedded = ''] = /AGFzb[\w+/]{1000,}=*/.exec(bundle) ?? [];
  base64 = embedded;
  binary = Buffer.from(base64, 'base64');
  expect(binary).toEqual(await readFile(join(project.installed, 'dist/libchrony.wasm')));
});
afterAll(async () => {
  await mock?.close();
  await project?.[Symbol.asyncDispose]();
});

/** The smallest possible modules: an empty one, and one with the `_initialize` of a library. */
const NOTHING = Buffer.from('0061736d01000000', 'hex');
const ONLY_INITIALIZE = Buffer.concat([
  NOTHING,
  Buffer.from('01040160000003020100070f010b', 'hex'),
  Buffer.from('_initialize'),
  Buffer.from('00000a040102000b', 'hex'),
]);

/** The binary with one bit of one byte flipped. */
function flipped(position: number): string {
  const damaged = Buffer.from(binary);
  damaged.writeUInt8(damaged.readUInt8(position) ^ 0x40, position);
  return damaged.toString('base64');
}

/** The results of a call with each of these in place of the embedded binary. */
async function resultsWith(runtime: Runtime, replacements: readonly string[]): Promise<readonly object[]> {
  const dir = join(project.dir, 'damaged');
  await mkdir(dir, { recursive: true });
  const modules = replacements.map((_, i) => `./damaged/${i}.cjs`);
  for (const [i, replacement] of replacements.entries()) {
    await writeFile(join(dir, `${i}.cjs`), bundle.replace(base64, replacement));
  }
  // Deno needs permission to read modules that are imported by a computed name.
  const permissions = runtime === deno ? ['--allow-read'] : [];
  const program = [...runtime.args, ...permissions, 'try-each.mjs', mock.address, ...modules];
  const stdout = await mustRun(runtime.program, program, { cwd: project.dir });
  return JSON.parse(stdout);
}

const damaged = {
  isLibraryError: true,
  code: 'ERR_CHRONY_LIBRARY',
  message: expect.stringContaining('reinstall chrony-wasm (npm install chrony-wasm --force)'),
};

describe.each([node, bun, deno])('$name', (runtime) => {
  it('rejects a damaged binary', async () => {
    const replacements = {
      emptied: '',
      'cut in half': base64.slice(0, base64.length / 2),
      'without its last bytes': base64.slice(0, -4),
      'with more at its end': Buffer.concat([binary, NOTHING]).toString('base64'),
      'no base64': `!${base64.slice(1)}`,
      'no base64 in the middle': base64.replace(/(?<=^.{8000})./, '?'),
      'text in place of it': '<html>',
      'a module with nothing in it': NOTHING.toString('base64'),
      'a module of something else': ONLY_INITIALIZE.toString('base64'),
      'the first byte': flipped(0),
      'the last byte': flipped(binary.length - 1),
    };
    const results = await resultsWith(runtime, Object.values(replacements));
    const named = Object.fromEntries(Object.keys(replacements).map((name, i) => [name, results[i]]));
    expect(named).toEqual(Object.fromEntries(Object.keys(replacements).map((name) => [name, damaged])));
  });
});

describe.each([node, bun, deno])('$name', (runtime) => {
  it('needs no file of the package after it is loaded, so that the package can be replaced meanwhile', async () => {
    const folder = join(project.dir, `removed-${runtime.name}`);
    await cp(project.installed, folder, { recursive: true });
    const permissions = runtime === deno ? ['--allow-read', '--allow-write', '--allow-ffi'] : [];
    const nowhere = '/nowhere/chronyd.sock';
    const program = [...runtime.args, ...permissions, 'removed.mjs', folder, mock.address, nowhere];
    const stdout = await mustRun(runtime.program, program, { cwd: project.dir });
    const { stratum } = mock.scenario.tracking;
    const refused = `ERR_CHRONY_CONNECTION ${nowhere}: ENOENT; no socket is there`;
    expect(JSON.parse(stdout)).toEqual([stratum, expect.stringContaining(refused)]);
  });
});

it('runs the undamaged binary', async () => {
  const [result] = await resultsWith(node, [base64]);
  expect(result).toEqual({ isLibraryError: false, code: null, message: null });
});

it('detects a single flipped bit at any position', async () => {
  const positions = Array.from({ length: 200 }, (_, i) => Math.floor((i * binary.length) / 200));
  expect(await resultsWith(node, positions.map(flipped))).toEqual(positions.map(() => damaged));
});

it('says what to do if WebAssembly is disabled', async () => {
  // Node.js itself prints a warning on stderr.
  const stdout = await mustRun(node.program, ['--jitless', 'fail.mjs', mock.address], { cwd: project.dir });
  expect(JSON.parse(stdout)).toEqual({
    name: 'ChronyLibraryError',
    code: 'ERR_CHRONY_LIBRARY',
    message: expect.stringContaining('run it without --jitless'),
    classes: ['ChronyError', 'ChronyLibraryError'],
  });
});

describe.each([
  '--disallow-code-generation-from-strings',
  '--frozen-intrinsics',
  '--disable-proto=throw',
  '--disable-proto=delete',
])('node %s', (flag) => {
  it.each([
    ['reads every report', ['import.mjs']],
    ['prints a report', ['node_modules/chrony-wasm/dist/cli.cjs', 'sources', '--host']],
  ])('%s, the same as without the flag', async (_, program) => {
    const runs = (...flags: string[]) =>
      run(node.program, ['--no-warnings', ...flags, ...program, mock.address], { cwd: project.dir });
    const outcome = await runs(flag);
    expect(outcome).toEqual(await runs());
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
  });
});
