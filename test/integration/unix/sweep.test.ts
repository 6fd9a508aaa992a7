/** A socket that is opened beside a chronyd sweeps the leftovers of other processes, and touches nothing else. */
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { age, clientDirectories } from './left.ts';
import { NOBODY, OtherChronyd } from './other-chronyd.ts';
import { PASSED, Program, type User } from './program.ts';
import { findRuntimes, Projects } from './runtimes.ts';

/** Only root can give files to another user, and start a chronyd as another user. */
const isRoot = process.geteuid?.() === 0;
const [runtime] = await findRuntimes();

let projects: Projects;
let chronyd: Chronyd;

beforeAll(async () => {
  projects = await Projects.make();
  chronyd = await Chronyd.start();
});
beforeEach(() => {
  for (const name of entries()) rmSync(join(chronyd.dir, name), { recursive: true });
});
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
  await projects?.[Symbol.asyncDispose]();
});

/** The entries of the directory, without chronyd's own files. */
function entries(): string[] {
  return readdirSync(chronyd.dir)
    .filter((name) => /cw-/i.test(name))
    .sort();
}

function start(
  path: string,
  check: string,
  options: { readonly args?: readonly string[]; readonly user?: User } = {},
) {
  if (runtime === undefined) throw new Error('there is always this Node.js');
  const { args = [], user } = options;
  const cwd = projects.dir(runtime.koffi);
  return new Program(runtime, [check, path, ...args], { cwd, ...(user === undefined ? {} : { user }) });
}

async function openOne(path = chronyd.socketPath, user?: User): Promise<void> {
  expect(await start(path, 'answers', user === undefined ? {} : { user }).ending()).toEqual(PASSED);
}

/** Starts a process that holds this number of sockets open. */
async function holding(count: number, path = chronyd.socketPath, user?: User): Promise<Program> {
  const args = [String(count)];
  const program = start(path, 'holds sockets', user === undefined ? { args } : { args, user });
  expect(await program.next()).toBe('ready');
  return program;
}

async function kill(program: Program): Promise<void> {
  program.kill('SIGKILL');
  await program.ending();
}

/** Lets a killed process leave directories, and renames them to these names. */
async function leave(...names: readonly string[]): Promise<readonly string[]> {
  await kill(await holding(names.length));
  const left = clientDirectories(chronyd);
  expect(left).toHaveLength(names.length);
  return names.map((name, i) => {
    const path = join(chronyd.dir, name);
    renameSync(join(chronyd.dir, left[i] ?? ''), path);
    return path;
  });
}

it('removes all directories that a dead process left', async () => {
  await leave('cw-aaaaaa', 'cw-ZZZZZZ', 'cw-000000', 'cw-aB3dE9');
  await openOne();
  expect(entries()).toEqual([]);
});

it('removes directories whose socket is gone, and those whose socket is not bound yet only when they are old', async () => {
  const [unbound = '', removed = '', halfBound = ''] = await leave('cw-unboun', 'cw-remove', 'cw-halfbo');
  rmSync(join(unbound, 's'));
  chmodSync(unbound, 0o700);
  chmodSync(halfBound, 0o700);
  rmSync(join(removed, 's'));
  await openOne();
  // young ones stay, since a process may be about to bind its sockets there
  expect(entries()).toEqual(['cw-halfbo', 'cw-unboun']);
  age(chronyd);
  await openOne();
  expect(entries()).toEqual([]);
});

it('removes many directories without delay', async () => {
  await leave(...Array.from({ length: 200 }, (_, i) => `cw-${String(i).padStart(6, '0')}`));
  await openOne();
  expect(entries()).toEqual([]);
});

it('works if several processes sweep at the same time', async () => {
  await leave(...Array.from({ length: 100 }, (_, i) => `cw-${String(i).padStart(6, '0')}`));
  await Promise.all(Array.from({ length: 6 }, () => openOne()));
  expect(entries()).toEqual([]);
});

describe('does not touch', () => {
  it('the sockets of other processes', async () => {
    const program = await holding(3);
    const held = entries();
    expect(held).toHaveLength(3);
    age(chronyd);
    await openOne();
    expect(entries()).toEqual(held);
    await kill(program);
    await openOne();
    expect(entries()).toEqual([]);
  });

  it('a socket that is not connected yet', async () => {
    const path = join(chronyd.dir, 'cw-listen');
    mkdirSync(path, 0o711);
    // chronyd's own socket is one that is not connected
    await using listening = await Chronyd.start();
    renameSync(listening.socketPath, join(path, 's'));
    age(chronyd);
    await openOne();
    expect(readdirSync(path)).toEqual(['s']);
    await openOne(join(path, 's'));
  });

  it('a server with a matching name', async () => {
    const path = join(chronyd.dir, 'cw-server');
    mkdirSync(path, 0o711);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(path, 's'), resolve));
    await openOne();
    expect(readdirSync(path)).toEqual(['s']);
    server.close();
  });

  it.each(['cw-', 'cw-short', 'cw-toolong', 'cw-dot.ed', 'CW-upperc', 'xcw-before'])(
    'a directory with another name: %s',
    async (name) => {
      const [path = ''] = await leave(name);
      await openOne();
      expect(readdirSync(path)).toEqual(['s']);
    },
  );

  it.each<[what: string, change: (path: string) => void]>([
    ['with another file in it', (path) => writeFileSync(join(path, 'data'), '')],
    [
      'with a file of that name instead of the socket',
      (path) => {
        rmSync(join(path, 's'));
        writeFileSync(join(path, 's'), '');
      },
    ],
    [
      'with a directory of that name instead of the socket',
      (path) => {
        rmSync(join(path, 's'));
        mkdirSync(join(path, 's'));
      },
    ],
    ['with a socket of another name', (path) => renameSync(join(path, 's'), join(path, 't'))],
    ['with another mode', (path) => chmodSync(path, 0o755)],
  ])('a directory %s', async (_, change) => {
    const [path = ''] = await leave('cw-looked');
    change(path);
    const content = readdirSync(path);
    age(chronyd);
    await openOne();
    expect(readdirSync(path)).toEqual(content);
  });

  it('a file', async () => {
    writeFileSync(join(chronyd.dir, 'cw-isfile'), '');
    await openOne();
    expect(entries()).toEqual(['cw-isfile']);
  });

  it('a symbolic link or its target', async () => {
    const [path = ''] = await leave('cw-behind');
    const elsewhere = mkdtempSync(join(dirname(chronyd.dir), 'elsewhere-'));
    renameSync(path, join(elsewhere, 'cw-behind'));
    symlinkSync(join(elsewhere, 'cw-behind'), path);
    await openOne();
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(elsewhere, 'cw-behind'))).toEqual(['s']);
    rmSync(path);
    rmSync(elsewhere, { recursive: true });
  });

  // Only root can give a directory to another user.
  it.runIf(isRoot)('a directory of another user', async () => {
    const [path = ''] = await leave('cw-others');
    chownSync(path, NOBODY.uid, NOBODY.gid);
    await openOne();
    expect(readdirSync(path)).toEqual(['s']);
  });
});

// Only root can start a chronyd that runs as another user.
describe.runIf(isRoot)('if chronyd runs as another user', () => {
  let other: OtherChronyd;

  beforeAll(async () => {
    other = await OtherChronyd.start();
  });
  afterAll(() => other?.[Symbol.asyncDispose]());

  it('root and that user each remove only their own directories', async () => {
    await kill(await holding(2, other.socketPath));
    await kill(await holding(3, other.socketPath, NOBODY));
    const owners = () => clientDirectories(other).map((name) => lstatSync(join(other.dir, name)).uid);
    expect(owners().sort()).toEqual([0, 0, NOBODY.uid, NOBODY.uid, NOBODY.uid]);
    await openOne(other.socketPath);
    expect(owners()).toEqual([NOBODY.uid, NOBODY.uid, NOBODY.uid]);
    await openOne(other.socketPath, NOBODY);
    expect(owners()).toEqual([]);
  });
});
