/** `make verify-wasm` compares with the committed binary what would show whatever of a machine got into it. */
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ROOT } from '../package/support/build.ts';
import { run } from '../package/support/run.ts';

let tree: string;

/** A tree with our script, whose compiler is a line of shell that writes the binary. */
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

it('a binary of the sources alone is verified', async () => {
  expect(await verify('echo committed')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('the committed binary matches the sources'),
    stderr: '',
  });
});

it('a binary of other sources is not', async () => {
  expect(await verify('echo changed')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('run make wasm and commit the result'),
  });
});

it('a binary that is another on another machine is not', async () => {
  expect(await verify('umask')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('depends on the place, the time or the user of the build'),
  });
});

it('a compiler that fails is a failure', async () => {
  expect((await verify('echo committed; false')).status).not.toBe(0);
});

it('the second build differs from the first in all that a binary might depend on', async () => {
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
  // another user writes to it
  await chmod(seen, 0o666);
  await chmod(tree, 0o755);
  const outcome = await verify(`{ ${Object.values(traits).join('; ')}; } >>${seen}; echo committed`);
  expect(outcome).toMatchObject({ status: 0, stderr: '' });

  const names = Object.keys(traits);
  const values = (await readFile(seen, 'utf8')).split('\n');
  expect(values.length).toBe(2 * names.length + 1);
  expect(names.filter((_, trait) => values[trait] === values[names.length + trait])).toEqual([]);
});
