/** Hostile clients next to an honest client, which is served in time, with bounded memory. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { askFor, HostileClient, KINDS, peakMemory } from './hostile-clients.ts';
import { Serving } from './serving.ts';

const HOSTILE = '127.0.0.66';
const HONEST = '127.0.0.9';
const FOR_MS = 2000;
/**
 * The CPU time that the server may use until it replies, in seconds. On an idle machine, this is how long a client
 * waits, and Prometheus waits for 10 s.
 */
const CPU_TIME_LIMIT = 4;
const MEMORY = 300 * 2 ** 20;

let commandLine: CommandLine;
let chronyd: Chronyd;
let directory: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
  directory = await mkdtemp(join(tmpdir(), 'hostile-'));
});
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

async function start(...args: readonly string[]): Promise<Serving> {
  const serving = await Serving.start(commandLine, '-h', chronyd.address, ...args);
  await serving.ready();
  return serving;
}

describe('a hostile client', () => {
  it.each(KINDS)('%s: an honest client is always served in time', async (kind) => {
    await using serving = await start();
    await using _client = await HostileClient.start(kind, serving, HOSTILE);
    const [alive, scraped] = await Promise.all([
      askFor(FOR_MS, serving, { from: HONEST, path: '/healthz' }),
      askFor(FOR_MS, serving, { from: '127.0.0.10', path: '/metrics' }),
    ]);
    for (const { failures, maxCpuTime } of [alive, scraped]) {
      expect(failures).toEqual([]);
      expect(maxCpuTime).toBeLessThan(CPU_TIME_LIMIT);
    }
    expect(peakMemory(serving.pid)).toBeLessThan(MEMORY);
    expect(serving.log).not.toContain('fault');
  });

  it.each(['pipeline', 'idle'] as const)(
    '%s, without a password: a client with a password is served in time',
    async (kind) => {
      const users = join(directory, 'users');
      await writeFile(users, 'ann:secret\n', { mode: 0o600 });
      await using serving = await start('--basic-auth', users);
      await using _client = await HostileClient.start(kind, serving, HOSTILE);
      const header = `Authorization: Basic ${Buffer.from('ann:secret').toString('base64')}`;
      const { failures, maxCpuTime } = await askFor(FOR_MS, serving, {
        from: HONEST,
        path: '/metrics',
        header,
      });
      expect(failures).toEqual([]);
      expect(maxCpuTime).toBeLessThan(CPU_TIME_LIMIT);
      expect(peakMemory(serving.pid)).toBeLessThan(MEMORY);
    },
  );

  // The server cannot tell them apart. A connection is refused while all places of the address have requests.
  it.each(['idle', 'deaf'] as const)(
    '%s: an honest client at the same address is mostly served',
    async (kind) => {
      await using serving = await start();
      await using _client = await HostileClient.start(kind, serving, HOSTILE);
      const { failures, requests } = await askFor(FOR_MS, serving, { from: HOSTILE, path: '/metrics' });
      // refused without a reply, and never with an error
      expect(failures.filter((reply) => reply !== '')).toEqual([]);
      expect(failures.length).toBeLessThanOrEqual(requests / 10);
    },
  );
});
