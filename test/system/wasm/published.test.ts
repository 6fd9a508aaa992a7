/** `make verify-published` checks that a published package matches the source, and names the differences. */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built, Copy, ROOT } from '../package/support/build.ts';
import { mustRun, type Outcome, run } from '../package/support/run.ts';

const SLOW = { hangMs: 100_000 };
let copy: Copy;
let unpacked: string;

/** The package as it would be published. */
beforeAll(async () => {
  copy = await Copy.make();
  const { tarball } = await built();
  unpacked = join(copy.temp, 'unpacked');
  await mkdir(unpacked);
  await mustRun('tar', ['-xzf', tarball, '-C', unpacked]);
});
afterAll(() => copy?.[Symbol.asyncDispose]());

type Change = (content: Buffer) => Buffer | string;

/** Packs the package again with changed files, and verifies the result. */
async function verify(changes: Readonly<Record<string, Change>>): Promise<Outcome> {
  const changed = join(copy.temp, 'changed');
  await cp(unpacked, changed, { recursive: true });
  try {
    for (const [path, change] of Object.entries(changes)) {
      const file = join(changed, 'package', path);
      await writeFile(file, change(await readFile(file).catch(() => Buffer.alloc(0))));
    }
    const tarball = join(copy.temp, 'changed.tgz');
    await mustRun('tar', ['-czf', tarball, '-C', changed, 'package']);
    return await run(join(copy.root, 'wasm/verify-published.sh'), [tarball], SLOW);
  } finally {
    await rm(changed, { recursive: true });
  }
}

it('accepts a package that matches the source', async () => {
  expect(await verify({})).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/all \d+ files of chrony-wasm \S+ match this source, including the binary/),
    stderr: '',
  });
});

it('names every file that does not match the source', async () => {
  // The previous test has run the compiler, which takes ten seconds.
  const compiled = `wasm-binary:\n\tcp '${join(ROOT, 'wasm/libchrony.wasm')}' $(WASM)\n`;
  await writeFile(join(copy.root, 'wasm/build.mk'), compiled);
  const { status, stderr } = await verify({
    'dist/libchrony.wasm': (content) => Buffer.concat([content, Buffer.of(0)]),
    // Every binary in base64 begins like this. The replacement changes its version.
    'dist/index.cjs': (content) => content.toString('latin1').replace('AGFzbQE', 'AGFzbQI'),
    'dist/more.js': () => 'export {};\n',
    'package.json': (content) =>
      content.toString().replace('"scripts": {', '"scripts": { "install": "true",'),
  });
  expect(status).toBe(1);
  const lines = stderr.trim().split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/^Files .*dist\/index\.cjs differ$/),
    expect.stringMatching(/^Files .*dist\/libchrony\.wasm .*differ$/),
    expect.stringMatching(/^Only in published\/dist: more\.js$/),
    expect.stringMatching(/^Files .*package\.json .*differ$/),
    expect.stringContaining('does NOT match this source'),
  ]);
});

it.each<[string, Change, string]>([
  [
    'another version',
    (content) => content.toString().replace(/"version": "[^"]*"/, '"version": "9.8.7"'),
    'git checkout v9.8.7',
  ],
  ['no version', () => '{', 'is not a valid package.json'],
])('gives a clear error for %s', async (_, change, message) => {
  const outcome = await verify({ 'package.json': change });
  expect(outcome).toMatchObject({ status: 1, stderr: expect.stringContaining(message) });
  expect(outcome.stderr.split('\n').length).toBe(2);
});

it.each([
  [[], 'missing argument: VERSION=0.1.0 or TARBALL=path'],
  [['missing.tgz'], 'missing.tgz is not a package tarball'],
])('gives a clear error for the arguments %j', async (args, message) => {
  const outcome = await run(join(copy.root, 'wasm/verify-published.sh'), args, SLOW);
  expect(outcome).toMatchObject({ status: 1, stdout: '', stderr: `verify-published: ${message}\n` });
});
