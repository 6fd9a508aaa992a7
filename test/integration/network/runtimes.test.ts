/**
 * Forgers, in every runtime: not all of them connect a UDP socket, and each has its own way to share time between
 * datagrams and timers.
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

/** What the runtime makes of the report tracking: its stratum, or the name of an error. */
async function stratum(runtime: Runtime, address: string, timeoutMs: number): Promise<unknown> {
  const args = [...runtime.args, 'stratum.mjs', address, String(timeoutMs)];
  const outcome = await run(runtime.program, args, { cwd: project.dir });
  expect(outcome).toEqual({ status: 0, signal: null, stdout: expect.any(String), stderr: '' });
  return JSON.parse(outcome.stdout);
}

/** Those who are not the server: another port, another address, both. */
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
 * A mock whose clients have an answer from each stranger, with the right sequence number, and then the mock's own
 * deliveries.
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
  it('takes a forgery from the right address and port, so that one would be seen', async () => {
    await using it = await startAmongStrangers((request) => [
      encodeReply(5, request, { stratum: FORGED_STRATUM }),
    ]);
    expect(await stratum(runtime, it.mock.address, 10_000)).toBe(FORGED_STRATUM);
  });

  it('takes no answer from another port or address before the real one', async () => {
    await using it = await startAmongStrangers((_, reply) => reply && [{ datagram: reply, delayMs: 100 }]);
    expect(await stratum(runtime, it.mock.address, 10_000)).toBe(it.mock.scenario.tracking.stratum);
  });

  it('takes no answer from another port or address in place of the real one', async () => {
    await using it = await startAmongStrangers(() => []);
    expect(await stratum(runtime, it.mock.address, 300)).toBe('ChronyTimeoutError');
    expect(it.mock.requests).toHaveLength(1);
  });
});

// one after the other: a flood takes a processor
describe.each([node, bun, deno])('$name', (runtime) => {
  it.each(['guess', 'stranger', 'mixed'] as const)(
    'gives up in time in a flood at full speed: %s',
    async (forgery) => {
      await using mock = await startMockChronyd('synchronized');
      await using flood = await Flood.start(mock.port, forgery, { seconds: 60, silent: true });
      expect(await stratum(runtime, flood.address, 300)).toBe('ChronyTimeoutError');
      expect(flood.running).toBe(true);
      expect((await flood.stop()).sent).toBeGreaterThan(0);
    },
  );
});
