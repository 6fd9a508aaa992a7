/** Runs test/system/runtimes/suite.mjs in every runtime, with a real chronyd. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { mayUnshare } from '../../support/namespace.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { clientDirectories } from './left.ts';
import { GROUP_MEMBER, NOBODY, OtherChronyd } from './other-chronyd.ts';
import { PASSED, Program, type ProgramOptions } from './program.ts';
import { findRuntimes, Projects, type Runtime } from './runtimes.ts';

/** Only root can start a chronyd as another user. */
const isRoot = process.geteuid?.() === 0;
const titled = (await findRuntimes()).map(
  (runtime) => [`${runtime.name} by ${runtime.by}`, runtime] as const,
);

let projects: Projects;
let pair: Pair;
/** A separate chronyd for disruptive tests. */
let lone: Chronyd;
let other: OtherChronyd | undefined;

beforeAll(async () => {
  // sequential, so that afterAll() knows what is running if a step fails
  projects = await Projects.make();
  for (const koffi of [true, false]) {
    cpSync(join(projects.dir(koffi), 'node_modules/chrony-wasm'), join(projects.dir(koffi), 'copy'), {
      recursive: true,
    });
  }
  pair = await startPair();
  lone = await Chronyd.start();
  if (isRoot) other = await OtherChronyd.start();
});
afterAll(async () => {
  await Promise.all([pair, lone, other, projects].map((resource) => resource?.[Symbol.asyncDispose]()));
});

function start(
  runtime: Runtime,
  check: string,
  path: string,
  options: Partial<ProgramOptions> & { readonly args?: readonly string[] } = {},
): Program {
  const cwd = projects.dir(runtime.koffi && !options.without);
  return new Program(runtime, [check, path, ...(options.args ?? [])], { cwd, ...options });
}

/** In Deno the package does not handle signals; instead it removes idle sockets. */
async function untilIdle(runtime: Runtime): Promise<void> {
  if (!runtime.name.startsWith('Deno')) return;
  await expect.poll(() => clientDirectories(lone)).toEqual([]);
}

describe.each(titled)('%s', (_, runtime) => {
  const passes = async (
    ...args: Parameters<typeof start> extends [Runtime, ...infer Rest] ? Rest : never
  ) => {
    expect(await start(runtime, ...args).ending()).toEqual(PASSED);
  };

  it('reads all ten reports', () => passes('reports', pair.client.socketPath));

  it('explains why a path cannot be used', () => passes('errors for a path of no use', lone.socketPath));

  it('accepts a path with any characters', () =>
    passes('a path with other than ASCII characters', lone.socketPath));

  it('keeps its own socket in a private directory and removes it on close', () =>
    passes('the client directory', lone.socketPath));

  it('is not kept alive by an idle connection and leaves nothing', async () => {
    await passes('an idle connection', lone.socketPath);
    expect(clientDirectories(lone)).toEqual([]);
  });

  it('leaves nothing after process.exit()', async () => {
    expect(await start(runtime, 'process.exit()', lone.socketPath).ending()).toEqual({
      ...PASSED,
      status: 3,
    });
    expect(clientDirectories(lone)).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is ended by %s and leaves nothing', async (signal) => {
    const program = start(runtime, 'waits for a signal', lone.socketPath);
    expect(await program.next()).toBe('ready');
    expect(clientDirectories(lone)).toHaveLength(1);
    await untilIdle(runtime);
    program.kill(signal);
    expect(await program.ending()).toEqual({ status: null, signal, stderr: '' });
    expect(clientDirectories(lone)).toEqual([]);
  });

  it('does not interfere with a program that handles a signal', async () => {
    const program = start(runtime, 'handles a signal', lone.socketPath);
    expect(await program.next()).toBe('ready');
    program.kill('SIGTERM');
    expect(await program.ending()).toEqual({ ...PASSED, status: 5 });
    expect(clientDirectories(lone)).toEqual([]);
  });

  it('does not interfere with a program that handled a signal before', async () => {
    const program = start(runtime, 'handled a signal before', lone.socketPath);
    expect(await program.next()).toBe('ready');
    program.kill('SIGTERM');
    expect(await program.ending()).toEqual(PASSED);
    expect(clientDirectories(lone)).toEqual([]);
  });

  it('does not affect a program that counts the listeners of a signal', async () => {
    const program = start(runtime, 'counts the listeners of a signal', lone.socketPath);
    expect(await program.next()).toBe('ready');
    await untilIdle(runtime);
    program.kill('SIGTERM');
    expect(await program.ending()).toEqual({ status: null, signal: 'SIGTERM', stderr: '' });
    expect(clientDirectories(lone)).toEqual([]);
  });

  // By default no signal ends the first process of a PID namespace, and creating a namespace needs root.
  it.runIf(mayUnshare())(
    'continues after a signal that does not end it, as the first process of a container',
    () => passes('a signal that does not end it', lone.socketPath, { under: ['unshare', '--pid', '--fork'] }),
  );

  it('works again after an idle period', () => passes('idles for a while', lone.socketPath));

  it.each(['SIGKILL', 'SIGABRT', 'SIGQUIT', 'SIGALRM', 'SIGUSR2'] as const)(
    'sweeps the leftovers of a process that was ended by %s',
    async (signal) => {
      const program = start(runtime, 'waits for a signal', lone.socketPath);
      expect(await program.next()).toBe('ready');
      program.kill(signal);
      expect(await program.ending()).toMatchObject({ status: null, signal });
      expect(clientDirectories(lone)).toHaveLength(1);
      await passes('answers', lone.socketPath);
      expect(clientDirectories(lone)).toEqual([]);
    },
  );

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is ended by %s while two copies of the package wait for a reply, and leaves nothing',
    async (signal) => {
      lone.freeze();
      try {
        const copy = join(projects.dir(runtime.koffi), 'copy/dist/index.js');
        const program = start(runtime, 'two copies wait for a reply', lone.socketPath, { args: [copy] });
        expect(await program.next()).toBe('ready');
        expect(clientDirectories(lone)).toHaveLength(2);
        program.kill(signal);
        expect(await program.ending()).toEqual({ status: null, signal, stderr: '' });
      } finally {
        lone.thaw();
      }
      // in Deno the package does not handle signals
      if (runtime.name.startsWith('Deno')) await passes('answers', lone.socketPath);
      expect(clientDirectories(lone)).toEqual([]);
    },
  );

  it('does not interfere with a signal handler while two copies of the package wait for a reply', async () => {
    lone.freeze();
    try {
      const copy = join(projects.dir(runtime.koffi), 'copy/dist/index.js');
      const program = start(runtime, 'two copies leave a signal alone', lone.socketPath, { args: [copy] });
      expect(await program.next()).toBe('ready');
      program.kill('SIGTERM');
      expect(await program.next()).toBe('handled');
      lone.thaw();
      expect(await program.ending()).toEqual(PASSED);
    } finally {
      lone.thaw();
    }
    expect(clientDirectories(lone)).toEqual([]);
  });

  it('survives a restart of chronyd', async () => {
    const program = start(runtime, 'a restart of chronyd', lone.socketPath);
    expect(await program.next()).toBe('stop');
    await lone.kill();
    program.proceed();
    expect(await program.next()).toBe('start');
    await lone.run();
    program.proceed();
    expect(await program.ending()).toEqual(PASSED);
  });

  it('blocks neither threads nor the event loop while 64 calls wait for a frozen chronyd', async () => {
    lone.freeze();
    try {
      const program = start(runtime, 'a frozen chronyd', lone.socketPath);
      expect(await program.next()).toBe('thaw');
      lone.thaw();
      expect(await program.ending()).toEqual(PASSED);
    } finally {
      lone.thaw();
    }
  });

  it('times out as configured', async () => {
    lone.freeze();
    try {
      await passes('a timeout', lone.socketPath);
    } finally {
      lone.thaw();
    }
  });

  it('loads nothing for UDP or for a missing socket', () =>
    passes('UDP loads nothing', lone.socketPath, { args: [lone.address] }));

  it('can run a mock at a Unix socket', () => passes('a mock at a Unix socket', lone.socketPath));

  it('names the solutions without access to the C library', () =>
    passes('no backend', lone.socketPath, { without: true }));

  // Only root can start a chronyd and clients that run as different users.
  describe.runIf(isRoot)('as root', () => {
    it('gets replies from a chronyd that runs as another user', async () => {
      await passes('answers', other?.socketPath ?? '');
    });

    it("gets replies as chrony's user", async () => {
      await passes('answers', other?.socketPath ?? '', { user: NOBODY });
      expect(clientDirectories({ dir: other?.dir ?? '' })).toEqual([]);
    });

    it("is denied as a member of chrony's group, which may read but not write", () =>
      passes('permission to write denied', other?.socketPath ?? '', { user: GROUP_MEMBER }));

    it('is denied as another user', () =>
      passes('permission denied', pair.client.socketPath, { user: NOBODY }));
  });

  // a measurement, not a test, since the result depends on the machine and its load; `make test-runtimes` runs it
  const measure = process.env['MEASURE_LATENCY'] === undefined ? undefined : it;
  measure?.('measures its latency', async ({ task }) => {
    const { socketPath, address } = pair.client;
    const cwd = projects.dir(runtime.koffi);
    const program = new Program(runtime, [socketPath, address], { cwd, file: 'latency.mjs' });
    const { name, by, needs } = runtime;
    Object.assign(task.meta, { runtime: { name, by, needs, latency: await program.next() } });
    expect(await program.ending()).toEqual(PASSED);
  });
});
