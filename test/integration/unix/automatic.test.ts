/**
 * The automatic choice of the endpoint without an address, in every runtime, in private namespaces.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChrony } from '../../support/chronyc.ts';
import { mayUnshare, onItsOwn } from '../../support/namespace.ts';
import { PASSED, Program } from './program.ts';
import { findRuntimes, Projects, type Runtime } from './runtimes.ts';

/** Runs a command as a user without access to chronyd's directory. */
const STRANGER = ['setpriv', '--reuid=1', '--regid=1', '--clear-groups'];

const titled = (await findRuntimes()).map(
  (runtime) => [`${runtime.name} by ${runtime.by}`, runtime] as const,
);
let projects: Projects;

beforeAll(async () => {
  projects = await Projects.make();
});
afterAll(() => projects?.[Symbol.asyncDispose]());

async function found(
  runtime: Runtime,
  scene: string,
  options: { readonly as?: readonly string[]; readonly without?: boolean } = {},
): Promise<unknown> {
  const { as = [], without = false } = options;
  const program = new Program(runtime, ['automatic'], {
    cwd: projects.dir(runtime.koffi && !without),
    without,
    under: [...onItsOwn(scene, join(findChrony(), 'bin/chronyd')), ...as],
  });
  const result = await program.next();
  expect(await program.ending()).toEqual(PASSED);
  return result;
}

// chronyd must have its default paths and port, which are only free in a namespace, and that needs root
describe.runIf(mayUnshare()).each(titled)('%s', (_, runtime) => {
  it('prefers the Unix socket', async () => {
    expect(await found(runtime, 'both')).toBe('/run/chrony/chronyd.sock');
  });

  it('silently falls back to UDP without permission for the Unix socket', async () => {
    expect(await found(runtime, 'both', { as: STRANGER })).toBe('127.0.0.1:323');
  });

  it('falls back to UDP without access to the C library', async () => {
    expect(await found(runtime, 'both', { without: true })).toBe(
      runtime.name.startsWith('Bun') ? '/run/chrony/chronyd.sock' : '127.0.0.1:323',
    );
  });

  it('falls back to UDP without a Unix socket', async () => {
    expect(await found(runtime, 'udp')).toBe('127.0.0.1:323');
  });

  it('falls back to UDP if no process listens on the Unix socket', async () => {
    expect(await found(runtime, 'left')).toBe('127.0.0.1:323');
  });

  it('tries IPv6 last', async () => {
    expect(await found(runtime, 'udp6')).toBe('[::1]:323');
  });

  it('names all tried endpoints in its error', async () => {
    const { name, message } = (await found(runtime, 'nothing')) as { name: string; message: string };
    // Deno does not report a refused UDP datagram
    const silent = runtime.name.startsWith('Deno');
    const udp = (address: string) =>
      expect.stringContaining(silent ? `${address}: no answer in 1000 ms` : `${address}: ECONNREFUSED; `);
    expect(name).toBe(silent ? 'ChronyTimeoutError' : 'ChronyConnectionError');
    expect(message.split('\n').map((line) => line.trim())).toEqual([
      'no chronyd answered; tried:',
      expect.stringMatching(/^\/run\/chrony\/chronyd\.sock: ENOENT; /),
      expect.stringMatching(/^\/var\/run\/chrony\/chronyd\.sock: ENOENT; /),
      udp('127.0.0.1:323'),
      udp('[::1]:323'),
    ]);
  });
});
