/** Worker threads that end with an open Unix socket, in every runtime and in every way a thread can end. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { age, clientDirectories, descriptors } from './left.ts';
import { PASSED, Program } from './program.ts';
import { findRuntimes, Projects } from './runtimes.ts';

const titled = (await findRuntimes()).map(
  (runtime) => [`${runtime.name} by ${runtime.by}`, runtime] as const,
);

let projects: Projects;
let chronyd: Chronyd;

beforeAll(async () => {
  projects = await Projects.make();
  chronyd = await Chronyd.start();
});
afterEach(() => expect(clientDirectories(chronyd)).toEqual([]));
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
  await projects?.[Symbol.asyncDispose]();
});

describe.each(titled)('%s', (_, runtime) => {
  it.each([
    ['by itself', 10],
    ['by process.exit()', 10],
    ['by an exception', 10],
    ['terminated, idle', 10],
    ['terminated, busy', 60],
    ['terminated, opening', 30],
  ] as const)(
    'workers that end %s leave no descriptor, and the next opened socket removes their directories',
    async (ending, count) => {
      const program = new Program(runtime, [ending, chronyd.socketPath, String(count)], {
        cwd: projects.dir(runtime.koffi),
        file: 'workers.mjs',
      });
      expect(await program.next()).toBe('all');
      // some runtimes release the resources of a thread a moment later
      const held = () => descriptors(program.pid, chronyd.dir);
      if (ending === 'terminated, opening' && runtime.by === 'node:ffi') {
        // a descriptor may leak if the thread ends within microseconds of opening a socket: see SECURITY.md
        await expect.poll(() => held().sockets).toBeLessThanOrEqual(count / 10);
      } else {
        await expect.poll(held).toEqual({ sockets: 0, files: 0 });
      }
      if (!ending.startsWith('terminated')) expect(clientDirectories(chronyd)).toEqual([]);
      age(chronyd);
      program.proceed();
      expect(await program.next()).toBe('opened');
      expect(clientDirectories(chronyd)).toEqual([]);
      program.proceed();
      // Deno prints what a worker throws
      const stderr = ending === 'by an exception' ? expect.any(String) : '';
      expect(await program.ending()).toEqual({ ...PASSED, stderr });
    },
  );
});
