/** The messages of `make demo` and `make test` before they fetch anything, and the packages that they fetch. */
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mustRun, type Outcome, run } from '../../system/package/support/run.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'with a space '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('before anything is fetched', () => {
  /** A checkout that contains only the script. */
  beforeEach(async () => {
    await mkdir(join(folder, 'test/support'), { recursive: true });
    await cp('test/support/preflight.sh', join(folder, 'test/support/preflight.sh'));
    await mkdir(join(folder, 'bin'));
  });

  /** Replaces programs of this machine with scripts that give other output. */
  async function pretend(programs: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, script] of Object.entries(programs)) {
      await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
      await chmod(join(folder, 'bin', name), 0o755);
    }
  }

  function preflight(parts: readonly string[], path = process.env['PATH']): Promise<Outcome> {
    return run('/bin/sh', [join(folder, 'test/support/preflight.sh'), 'test', ...parts], {
      env: { PATH: `${join(folder, 'bin')}:${path}` },
    });
  }

  async function install(where: string): Promise<void> {
    await mkdir(join(folder, where, 'node_modules'), { recursive: true });
    for (const name of ['package-lock.json', 'node_modules/.package-lock.json']) {
      await writeFile(join(folder, where, name), '{}');
    }
  }

  it('prints nothing if everything is installed', async () => {
    await install('.');
    expect(await preflight(['npm', 'apt', 'libc6'])).toEqual({
      status: 0,
      signal: null,
      stdout: '',
      stderr: '',
    });
  });

  it('prints what will be fetched, what is installed already, the disk space and the time', async () => {
    await install('test/system/bundlers');
    const { status, stdout } = await preflight(['npm', 'runtimes', 'bundlers']);
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('make test:');
    expect(lines).toContain('  to fetch  npm packages to build and test: about 310 MB');
    expect(lines).toContain('  to fetch  Bun, Deno and Node.js 20 to 26: about 935 MB');
    expect(lines).toContain('  there     bundlers, package managers and older versions of TypeScript');
    expect(stdout).toMatch(/^ {2}disk {6}1245 MB of \d+ MB free in .*with a space /m);
    expect(stdout).toMatch(/^ {2}time {6}about 2 min /m);
  });

  it('fetches packages again after the lock file has changed', async () => {
    await install('.');
    await mustRun('touch', ['-d', '1 minute', join(folder, 'package-lock.json')]);
    expect((await preflight(['npm'])).stdout).toContain('to fetch  npm packages');
  });

  it.each<[what: string, programs: Readonly<Record<string, string>>, message: string]>([
    [
      'a Node.js that is too old',
      // -p prints the version, -e checks that it is new enough
      { node: '[ "$1" = -p ] && echo 18.20.0' },
      'Node.js 18.20.0 is too old: install 20.19 or later, from https://nodejs.org',
    ],
    [
      'too little disk',
      { df: 'printf "Filesystem 1024-blocks Used Available\\n/dev/x 9 9 102400\\n"' },
      'there is too little disk for that: free some, or make a clone on another disk',
    ],
    [
      'packages that only root may install',
      { id: 'echo 1000' },
      'needed and not installed: no-such-package. Install with: sudo apt-get install --no-install-recommends no-such-package',
    ],
  ])('prints one clear message for %s', async (_, programs, message) => {
    await pretend(programs);
    const { status, stderr } = await preflight(['npm', 'apt', 'no-such-package']);
    expect([status, stderr]).toEqual([1, `make test: ${message}\n`]);
  });

  it('prints one clear message without Node.js and without npm', async () => {
    for (const name of ['dirname', 'id', 'awk', 'df']) {
      const program = (await mustRun('sh', ['-c', `command -v ${name}`])).trim();
      await symlink(program, join(folder, 'bin', name));
    }
    expect(await preflight(['npm'], '')).toMatchObject({
      status: 1,
      stderr: 'make test: there is no Node.js: install Node.js 20.19 or later, from https://nodejs.org\n',
    });
    await symlink(process.execPath, join(folder, 'bin/node'));
    expect(await preflight(['npm'], '')).toMatchObject({
      status: 1,
      stderr: 'make test: there is no npm: it comes with Node.js, or in a package of its own\n',
    });
  });
});

describe('make test TESTS=', () => {
  it.each([
    ['test/unit', []],
    ['"test/unit/client test/unit/page"', []],
    ['test/integration/client/tracking.test.ts', ['gcc', 'iproute2', 'openssl']],
  ])('%s installs the Debian packages %j', async (tests, packages) => {
    const commands = await mustRun('sh', ['-c', `make --dry-run --always-make test TESTS=${tests} 2>&1`]);
    const installed = /^test\/support\/install\.sh (.*)$/m.exec(commands)?.[1]?.split(' ') ?? [];
    expect(installed).toEqual(packages);
    expect(commands).not.toContain('test/system/runtimes');
  });

  it.each(['', 'test/integration/browser', '"test/unit test/system"'])(
    '%s installs everything',
    async (tests) => {
      const commands = await mustRun('sh', ['-c', `make --dry-run --always-make test TESTS=${tests} 2>&1`]);
      expect(commands).toMatch(/^test\/support\/install\.sh .*\bchromium\b.*\bemscripten$/m);
      expect(commands).toContain('test/system/runtimes');
    },
  );
});
