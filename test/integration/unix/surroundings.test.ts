/** The environment of a Unix socket: modes, links, directories, processes, and full or read-only file systems. */
import { mkdtempSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { mayUnshare } from '../../support/namespace.ts';
import { PASSED, Program } from './program.ts';
import { findRuntimes, Projects, type Runtime } from './runtimes.ts';

/** One runtime for each interface to the C library. */
const titled = [
  ...new Map((await findRuntimes()).toReversed().map((runtime) => [runtime.by, runtime])).values(),
].map((runtime) => [runtime.name, runtime] as const);
/** Deno runs here without the permission to start child processes. */
const forking = titled.filter(([name]) => !name.startsWith('Deno'));

let projects: Projects;
let chronyd: Chronyd;

beforeAll(async () => {
  projects = await Projects.make();
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(async () => {
  await Promise.all([chronyd, projects].map((resource) => resource?.[Symbol.asyncDispose]()));
});

interface Around {
  /** A wrapper program that runs the program, with its arguments. */
  readonly under?: readonly string[];
  readonly file?: string;
}

function start(
  runtime: Runtime,
  check: string,
  path: string,
  { under = [], file = 'surroundings.mjs' }: Around = {},
) {
  const cwd = projects.dir(runtime.koffi);
  return new Program(runtime, [check, path, chronyd.address], { cwd, under, file });
}

/** A new temporary folder. */
function temporary(): string {
  return mkdtempSync(join(projects.dir(true), 'around-'));
}

function leftovers(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.startsWith('cw-'));
}

/** The error of a call in a runtime. Expects that the call leaves nothing behind. */
async function errorOf(runtime: Runtime, path: string, around?: Around) {
  const program = start(runtime, 'error', path, around);
  const { left, ...error } = (await program.next()) as Record<'name' | 'code' | 'message', string> & {
    readonly left: readonly string[];
  };
  expect(left).toEqual([]);
  expect(await program.ending()).toEqual(PASSED);
  return error;
}

describe.each(titled)('%s', (_, runtime) => {
  it.each(['077', '000', '777'])(
    'creates its socket with the same modes with a umask of %s',
    async (umask) => {
      const under = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
      const program = start(runtime, 'the client directory', chronyd.socketPath, {
        under,
        file: 'suite.mjs',
      });
      expect(await program.ending()).toEqual(PASSED);
    },
  );

  it('follows symbolic links to the socket and to its directory', async () => {
    const folder = temporary();
    symlinkSync(chronyd.dir, join(folder, 'directory'));
    symlinkSync(chronyd.socketPath, join(folder, 'socket'));
    symlinkSync('socket', join(folder, 'link to the link'));
    for (const path of ['directory/chronyd.sock', 'socket', 'link to the link']) {
      const program = start(runtime, 'answers', join(folder, path), { file: 'suite.mjs' });
      expect(await program.ending()).toEqual(PASSED);
    }
    expect([...leftovers(folder), ...leftovers(chronyd.dir)]).toEqual([]);
  });

  it('reports circular and dangling symbolic links as a clear error', async () => {
    const folder = temporary();
    symlinkSync('b', join(folder, 'a'));
    symlinkSync('a', join(folder, 'b'));
    symlinkSync('nothing', join(folder, 'nowhere'));
    expect(await errorOf(runtime, join(folder, 'a'))).toMatchObject({
      name: 'ChronyConnectionError',
      message: expect.stringContaining('ELOOP; symbolic links in the path lead in a circle'),
    });
    expect((await errorOf(runtime, join(folder, 'nowhere'))).message).toContain('ENOENT; no socket is there');
  });

  it('keeps an open connection when the current directory changes', async () => {
    expect(await start(runtime, 'changes its directory', chronyd.socketPath).ending()).toEqual(PASSED);
  });

  it('times out for a stopped chronyd, and its error does not mention a firewall', async () => {
    chronyd.freeze();
    try {
      const { name, message } = await errorOf(runtime, chronyd.socketPath);
      expect(name).toBe('ChronyTimeoutError');
      expect(message).toMatch(/no answer in 300 ms .*; check that chronyd is neither stopped nor overloaded/);
      expect(message).not.toMatch(/cmdallow|firewall/);
    } finally {
      chronyd.thaw();
    }
  });
});

describe.each(forking)('%s', (_, runtime) => {
  it.each(['forks with an open connection', 'is a cluster'])('supports a process that %s', async (check) => {
    expect(await start(runtime, check, chronyd.socketPath).ending()).toEqual(PASSED);
    expect(leftovers(chronyd.dir)).toEqual([]);
  });
});

// Only root may mount a file system, and only in a mount namespace is it unmounted automatically.
describe.runIf(mayUnshare()).each(titled)('%s, on a separate file system', (_, runtime) => {
  /** A command that runs a program after a mount script; `$0` in the script is the folder. */
  const mounted = (script: string, folder: string): readonly string[] => [
    'unshare',
    '--mount',
    'sh',
    '-ec',
    `${script}; exec "$@"`,
    folder,
  ];

  const small = (options: string): string =>
    `mount -t tmpfs -o ${options} tmpfs "$0"; touch "$0/chronyd.sock"; ` +
    `mount --bind ${chronyd.socketPath} "$0/chronyd.sock"`;

  it('fails with a clear error without a free inode', async () => {
    const folder = temporary();
    const under = mounted(small('nr_inodes=2'), folder);
    const { name, code, message } = await errorOf(runtime, join(folder, 'chronyd.sock'), { under });
    expect([name, code]).toEqual(['ChronyConnectionError', 'ERR_CHRONY_CONNECTION']);
    expect(message).toContain(
      "ENOSPC; its file system has no room for this process's own socket; free blocks (df)",
    );
    expect(message).not.toMatch(/cmdallow|firewall/);
  });

  it('removes its directory if there is no free inode for the socket', async () => {
    const folder = temporary();
    const under = mounted(small('nr_inodes=3'), folder);
    const { message } = await errorOf(runtime, join(folder, 'chronyd.sock'), { under });
    expect(message).toContain('ENOSPC; ');
  });

  it('fails with a clear error if the file system is read-only', async () => {
    const folder = temporary();
    const under = mounted(`mount --bind ${chronyd.dir} "$0"; mount -o remount,bind,ro "$0"`, folder);
    const { name, message } = await errorOf(runtime, join(folder, 'chronyd.sock'), { under });
    expect(name).toBe('ChronyPermissionError');
    expect(message).toContain(
      'EROFS; its file system is read-only, but this process must create a socket there',
    );
  });

  it('times out if chronyd has the directory at another path, and names this cause', async () => {
    const folder = temporary();
    const under = mounted(`mount --bind ${chronyd.dir} "$0"`, folder);
    const { name, message } = await errorOf(runtime, join(folder, 'chronyd.sock'), { under });
    expect(name).toBe('ChronyTimeoutError');
    expect(message).toContain('has that directory at the same path (containers)');
    expect(leftovers(chronyd.dir)).toEqual([]);
  });
});
