/** `make verify-wasm` compares the committed binary with builds in different environments, to detect a dependence on them. */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT } from '../package/support/build.ts';
import { run } from '../package/support/run.ts';

let tree: string;

/** A tree with the script under test, and a line of shell as the compiler, which writes the binary. */
beforeEach(async () => {
  tree = await mkdtemp(join(tmpdir(), 'verify-'));
  await mkdir(join(tree, 'wasm'));
  await mkdir(join(tree, 'test'));
  await mkdir(join(tree, 'third_party/libchrony'), { recursive: true });
  await cp(join(ROOT, 'wasm/verify.sh'), join(tree, 'wasm/verify.sh'));
  await symlink(join(ROOT, 'test/support'), join(tree, 'test/support'));
  await mkdir(join(ROOT, '.cache'), { recursive: true });
  await symlink(join(ROOT, '.cache'), join(tree, '.cache'));
  await writeFile(join(tree, 'wasm/libchrony.wasm'), 'committed\n');
});
afterEach(() => rm(tree, { recursive: true, force: true }));

async function verify(compiler: string): ReturnType<typeof run> {
  const recipe = `wasm-binary:\n\t@{ ${compiler.replaceAll('$', '$$$$')}; } >$(WASM)\n`;
  await writeFile(join(tree, 'wasm/build.mk'), recipe);
  return run(join(tree, 'wasm/verify.sh'), [], { hangMs: 100_000 });
}

it('accepts a binary that depends only on the sources', async () => {
  expect(await verify('echo committed')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('the committed binary matches the sources'),
    stderr: '',
  });
});

it('rejects a binary of other sources', async () => {
  expect(await verify('echo changed')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('run make wasm and commit the result'),
  });
});

it('rejects a binary that depends on the machine', async () => {
  expect(await verify('umask')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('depends on the place, the time or the user of the build'),
  });
});

it('fails if the compiler fails', async () => {
  expect((await verify('echo committed; false')).status).not.toBe(0);
});

it('the second build differs from the first in everything that a binary might depend on', async () => {
  const traits = {
    path: 'pwd',
    'length of the path': 'pwd | wc -c',
    home: 'echo "$HOME"',
    'temporary folder': 'echo "$TMPDIR"',
    year: 'date +%Y',
    'time zone': 'date +%z',
    SOURCE_DATE_EPOCH: 'echo "$SOURCE_DATE_EPOCH"',
    'age of the sources': 'stat -c %Y wasm/verify.sh',
    language: 'locale decimal_point',
    umask: 'umask',
    'number of jobs': 'echo "$MAKEFLAGS"',
    "Emscripten's cores": 'echo "$EMCC_CORES"',
    'order of a set': `python3 -c "print(set('abcdefgh'))"`,
    'rest of the environment': 'echo $(env | cut -d= -f1 | sort)',
    ...(process.getuid?.() === 0 ? { user: 'id -u' } : {}),
  };
  const seen = join(tree, 'seen');
  await writeFile(seen, '');
  // The second build may run as another user, who also writes to this file.
  await chmod(seen, 0o666);
  await chmod(tree, 0o755);
  const outcome = await verify(`{ ${Object.values(traits).join('; ')}; } >>${seen}; echo committed`);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });

  const names = Object.keys(traits);
  const values = (await readFile(seen, 'utf8')).split('\n');
  expect(values.length).toBe(2 * names.length + 1);
  expect(names.filter((_, trait) => values[trait] === values[names.length + trait])).toEqual([]);
});
