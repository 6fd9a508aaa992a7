/**
 * Forged replies of any kind and at any rate are never accepted. Real replies still arrive, and timeouts still work.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection, ChronyTimeoutError, getTracking } from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { openedUdp } from '../../support/sockets.ts';
import { Flood, FORGED_STRATUM, type Forgery, forgeries } from './flood.ts';

const STRATUM = 7;
/** With many retries: on a busy machine our process may be suspended for longer than it takes to fill the socket buffer. */
const PATIENT = { timeoutMs: 300, retries: 6 };
const LONG = { timeout: 120_000 };

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: [`local stratum ${STRATUM}`] });
});
afterAll(() => chronyd?.stop());

it('an accepted forgery would be detected: the same reply with the right sequence number is accepted', async () => {
  await using mock = await startMockChronyd('synchronized', {
    intercept: (request) => [encodeReply(5, request, { stratum: FORGED_STRATUM })],
  });
  expect((await getTracking(mock.address)).stratum).toBe(FORGED_STRATUM);
});

describe.each(Object.entries(forgeries) as [Forgery, string][])('a flood of %s: %s', (forgery) => {
  it('is not accepted and does not prevent real replies', LONG, async () => {
    await using flood = await Flood.start(chronyd.commandPort, forgery, { rate: 20_000, seconds: 110 });
    await using connection = await ChronyConnection.open({ address: flood.address, ...PATIENT });
    for (let i = 0; i < 30; i++) expect((await connection.getTracking()).stratum).toBe(STRATUM);
    expect(flood.running).toBe(true);
    expect((await flood.stop()).sent).toBeGreaterThan(0);
  });

  it('at full speed and without real replies causes a timeout', LONG, async () => {
    await using flood = await Flood.start(chronyd.commandPort, forgery, { seconds: 60, silent: true });
    const call = getTracking({ address: flood.address, timeoutMs: 100, retries: 1 });
    await expect(call).rejects.toThrow(ChronyTimeoutError);
    expect(flood.running).toBe(true);
    expect((await flood.stop()).sent).toBeGreaterThan(0);
  });
});

describe('the socket', () => {
  /** Our socket and a server socket that it is connected to. */
  async function connected() {
    const server = createSocket('udp4');
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const heard: string[] = [];
    let hear = (_text: string): void => {};
    const client = await openedUdp(server.address().port, (bytes) => {
      const text = Buffer.from(bytes).toString();
      heard.push(text);
      hear(text);
    });
    client.awaiting(true);
    client.send(Buffer.from('here I am'));
    const [, { port }] = await once(server, 'message');
    const until = (text: string): Promise<void> =>
      new Promise((resolve) => {
        hear = (each) => each === text && resolve();
      });
    const close = async (): Promise<void> => {
      client.close();
      server.close();
    };
    return { server, heard, until, port, [Symbol.asyncDispose]: close };
  }

  it('receives only from its peer: the kernel drops datagrams of other senders', async () => {
    await using it = await connected();
    const { port: peer } = it.server.address();
    const addresses: [port: number, host: string][] = [
      [0, '127.0.0.1'],
      [peer, '127.0.0.2'],
      [0, '127.0.0.2'],
    ];
    for (const [port, host] of addresses) {
      const stranger = createSocket('udp4');
      stranger.bind(port, host);
      await once(stranger, 'listening');
      for (let i = 0; i < 100; i++) {
        await new Promise((sent) => stranger.send(`a forgery from ${host}`, it.port, '127.0.0.1', sent));
      }
      stranger.close();
    }
    const heard = it.until('the last');
    it.server.send('the last', it.port, '127.0.0.1');
    await heard;
    expect(it.heard).toEqual(['the last']);
  });

  it("queues no more than the kernel's buffer while the process is busy", async () => {
    await using it = await connected();
    const reply = Buffer.alloc(104, 'x');
    const many = 20_000;
    // sent before our own socket can read
    await Promise.all(
      Array.from(
        { length: many },
        () => new Promise((sent) => it.server.send(reply, it.port, '127.0.0.1', sent)),
      ),
    );
    const limit = it.server.getRecvBufferSize() / reply.length;
    for (let last = 0; it.heard.length === 0 || !it.heard.at(-1)?.startsWith('last'); last++) {
      it.server.send(`last ${last}`, it.port, '127.0.0.1');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(it.heard.length).toBeGreaterThan(1);
    expect(it.heard.length).toBeLessThan(limit);
  });
});
