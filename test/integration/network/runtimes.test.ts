/**
 * Forged replies in every runtime. Not every runtime can connect a UDP socket, and each schedules datagrams and timers
 * differently.
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Intercept, startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { Project } from '../../system/package/support/build.ts';
import { run } from '../../system/package/support/run.ts';
import { bun, deno, node, type Runtime } from '../../system/package/support/runtimes.ts';
import { Flood, FORGED_STRATUM } from './flood.ts';

let project: Project;

beforeAll(async () => {
  project = await Project.make();
});
afterAll(() => project?.[Symbol.asyncDispose]());

/** The outcome of the report tracking in a runtime: the stratum or the name of an error. */
async function stratum(runtime: Runtime, address: string, timeoutMs: number): Promise<unknown> {
  const args = [...runtime.args, 'stratum.mjs', address, String(timeoutMs)];
  const outcome = await run(runtime.program, args, { cwd: project.dir });
  expect(outcome).toEqual({ status: 0, signal: null, stdout: expect.any(String), stderr: '' });
  return JSON.parse(outcome.stdout);
}

/** Sockets that are not the server: with another port, with another address, and with both. */
async function startStrangers(port: number): Promise<Socket[] & AsyncDisposable> {
  const strangers = [
    createSocket('udp4').bind(0, '127.0.0.1'),
    createSocket('udp4').bind(port, '127.0.0.2'),
    createSocket('udp4').bind(0, '127.0.0.2'),
  ];
  await Promise.all(strangers.map((stranger) => once(stranger, 'listening')));
  const close = async (): Promise<void> => {
    for (const stranger of strangers) stranger.close();
  };
  return Object.assign(strangers, { [Symbol.asyncDispose]: close });
}

/**
 * A mock whose clients get a forged reply with the right sequence number from each stranger, and then the mock's own
 * replies.
 */
async function startAmongStrangers(then: Intercept) {
  const strangers: Socket[] = [];
  const mock = await startMockChronyd('synchronized', {
    intercept: (request, reply) => {
      const forged = encodeReply(5, request, { stratum: FORGED_STRATUM });
      const port = Number(request.client.split(':').at(-1));
      for (const stranger of strangers) stranger.send(forged, port, '127.0.0.1');
      return then(request, reply);
    },
  });
  const started = await startStrangers(mock.port);
  strangers.push(...started);
  const close = async (): Promise<void> => {
    await started[Symbol.asyncDispose]();
    await mock.close();
  };
  return { mock, [Symbol.asyncDispose]: close };
}

describe.concurrent.each([node, bun, deno])('$name', (runtime) => {
  it('accepts a forgery from the right address and port, which proves that an accepted forgery is detected', async () => {
    await using it = await startAmongStrangers((request) => [
      encodeReply(5, request, { stratum: FORGED_STRATUM }),
    ]);
    expect(await stratum(runtime, it.mock.address, 10_000)).toBe(FORGED_STRATUM);
  });

  it('accepts no reply from another port or address before the real one', async () => {
    await using it = await startAmongStrangers((_, reply) => reply && [{ datagram: reply, delayMs: 100 }]);
    expect(await stratum(runtime, it.mock.address, 10_000)).toBe(it.mock.scenario.tracking.stratum);
  });

  it('accepts no reply from another port or address instead of the real one', async () => {
    await using it = await startAmongStrangers(() => []);
    expect(await stratum(runtime, it.mock.address, 300)).toBe('ChronyTimeoutError');
    expect(it.mock.requests).toHaveLength(1);
  });
});

// sequential, since a flood occupies a processor
describe.each([node, bun, deno])('$name', (runtime) => {
  it.each(['guess', 'stranger', 'mixed'] as const)(
    'times out as configured during a flood at full speed: %s',
    async (forgery) => {
      await using mock = await startMockChronyd('synchronized');
      await using flood = await Flood.start(mock.port, forgery, { seconds: 60, silent: true });
      expect(await stratum(runtime, flood.address, 300)).toBe('ChronyTimeoutError');
      expect(flood.running).toBe(true);
      expect((await flood.stop()).sent).toBeGreaterThan(0);
    },
  );
});
