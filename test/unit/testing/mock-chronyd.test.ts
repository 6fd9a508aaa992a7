import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import {
  makeClientAccess,
  makeManualSample,
  ntpSource,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { encodeReply, ReplyStatus } from '../../../src/testing/reply.ts';
import { hex, pause, received, replyOf, requestBytes, start } from './support.ts';

describe('a running mock', () => {
  it('gives its address and the received requests', async () => {
    await using it = await start();
    expect(it.mock.address).toBe(`127.0.0.1:${it.mock.port}`);
    await it.client.ask(33, { sequence: 1 });
    await it.client.ask(44, { sequence: 2, length: 48 });
    expect(it.mock.requests).toMatchObject([
      { code: 33, sequence: 1, length: 600 },
      { code: 44, sequence: 2, length: 48 },
    ]);
    const [first, second] = it.mock.requests;
    expect(first?.client).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(first?.time).toBeLessThanOrEqual(second?.time ?? 0);
  });

  it('supports IPv6', async () => {
    await using it = await start('synchronized', { host: '::1' });
    expect(it.mock.address).toBe(`[::1]:${it.mock.port}`);
    expect(await it.client.ask(33)).toMatchObject({ status: ReplyStatus.SUCCESS });
  });

  it('uses the given port, and fails if it is in use', async () => {
    await using it = await start();
    await expect(startMockChronyd('synchronized', { port: it.mock.port })).rejects.toThrow('EADDRINUSE');
  });

  it('can change its scenario', async () => {
    await using it = await start();
    const count = async () => (await it.client.ask(14)).body.readUInt32BE(0);
    expect(await count()).toBe(3);
    it.mock.scenario = scenario(it.mock.scenario, { sources: it.mock.scenario.sources.slice(1) });
    expect(await count()).toBe(2);
    it.mock.scenario = 'many sources';
    expect(await count()).toBe(64);
  });

  it('rejects a scenario that the protocol cannot encode, and keeps the current one', async () => {
    await using it = await start();
    const bad = scenario('synchronized', { tracking: { stratum: 70_000 } });
    expect(() => {
      it.mock.scenario = bad;
    }).toThrow("field 'stratum': 70000 is not a whole number from 0 to 65535");
    expect(it.mock.scenario.tracking.stratum).toBe(3);
    await expect(startMockChronyd(scenario('rtc', { rtc: { offset: Number.NaN } }))).rejects.toThrow(
      RangeError,
    );
    await expect(
      startMockChronyd(scenario('synchronized', { sources: [ntpSource('ntp.example.net')] })),
    ).rejects.toThrow("field 'address': not an address: ntp.example.net");
    // the last of many clients, which do not fit in one reply
    const clients = [...Array(20).fill(makeClientAccess()), { ...makeClientAccess(), ntpInterval: 128 }];
    await expect(startMockChronyd(scenario('synchronized', { clients }))).rejects.toThrow(
      "field 'NTP interval': 128 is not a whole number from -128 to 127",
    );
    const manualSamples = Array(17).fill(makeManualSample());
    await expect(startMockChronyd(scenario('synchronized', { manualSamples }))).rejects.toThrow(
      'reply 18 has 16 entries, not 17',
    );
  });

  it('can be paused and resumed', async () => {
    await using it = await start();
    it.mock.pause();
    for (const sequence of [1, 2]) it.client.send(requestBytes(33, { sequence }));
    await received(it.mock, 2);
    expect(it.client.received).toEqual([]);
    it.mock.resume();
    expect((await it.client.take(2)).map((each) => replyOf(each).sequence)).toEqual([1, 2]);
    expect(await it.client.ask(33)).toMatchObject({ status: ReplyStatus.SUCCESS });
  });
});

describe('faults', () => {
  it('are repeatable with the same seed', async () => {
    const survivors = async (seed: number) => {
      await using it = await start('loss', { seed });
      for (let sequence = 0; sequence < 50; sequence++) it.client.send(requestBytes(44, { sequence }));
      await received(it.mock, 50);
      return it.client.received.map((datagram) => replyOf(datagram).sequence);
    };
    const first = await survivors(5);
    expect(first.length).toBeGreaterThan(20);
    expect(first.length).toBeLessThan(50);
    expect(await survivors(5)).toEqual(first);
    expect(await survivors(6)).not.toEqual(first);
  });

  it('drop the second reply with the default seed', async () => {
    await using it = await start('loss');
    for (let sequence = 1; sequence <= 3; sequence++) it.client.send(requestBytes(44, { sequence }));
    expect((await it.client.take(2)).map((each) => replyOf(each).sequence)).toEqual([1, 3]);
  });

  it('delay replies', async () => {
    await using it = await start(scenario('synchronized', { faults: { delayMs: 80 } }));
    const sent = performance.now();
    await it.client.ask(33);
    expect(performance.now() - sent).toBeGreaterThan(75);
  });

  it('record requests, but never answer', async () => {
    await using it = await start('silence');
    it.client.send(requestBytes(33));
    await received(it.mock, 1);
    expect(it.client.received).toEqual([]);
  });

  it('send noise', async () => {
    await using it = await start('garbage');
    it.client.send(requestBytes(33));
    const [noise] = await it.client.take();
    expect(noise).toBeDefined();
    expect(hex(noise ?? Buffer.alloc(0)).startsWith('0602')).toBe(false);
  });
});

describe('intercept', () => {
  it('replaces, adds, delays and withholds replies', async () => {
    await using it = await start('synchronized', {
      intercept: (request, reply) => {
        if (request.code === 44) return [];
        if (request.code === 14) return undefined;
        if (reply === null) return [Uint8Array.of(1, 2, 3)];
        const forged = encodeReply(5, { ...request, sequence: request.sequence + 1 }, { stratum: 15 });
        return [{ datagram: reply, delayMs: 30 }, forged];
      },
    });
    it.client.send(requestBytes(33, { sequence: 1 }));
    const [forged, late] = (await it.client.take(2)).map(replyOf);
    expect(forged).toMatchObject({ sequence: 2, reply: 5 });
    expect(late).toMatchObject({ sequence: 1, reply: 5 });
    expect(await it.client.ask(14)).toMatchObject({ reply: 2 });
    it.client.send(requestBytes(44));
    it.client.send(requestBytes(33, { type: 2 }));
    expect(await it.client.take()).toEqual([Buffer.of(1, 2, 3)]);
  });

  it('can send the largest possible datagram', async () => {
    await using it = await start('synchronized', { intercept: () => [new Uint8Array(65_507)] });
    it.client.send(requestBytes(33));
    const [large] = await it.client.take();
    expect(large).toHaveLength(65_507);
  });

  it('is not affected by the faults', async () => {
    await using it = await start('silence', { intercept: (_, reply) => reply && [reply] });
    expect(await it.client.ask(33)).toMatchObject({ status: ReplyStatus.SUCCESS });
  });
});

describe('close', () => {
  it('frees the port and drops pending replies', async () => {
    await using it = await start(scenario('synchronized', { faults: { delayMs: 300 } }));
    it.client.send(requestBytes(33));
    await received(it.mock, 1);
    await it.mock.close();
    await it.mock.close();
    it.mock.resume();
    const socket = createSocket('udp4').bind(it.mock.port, '127.0.0.1');
    await once(socket, 'listening');
    await pause(350);
    expect(it.client.received).toEqual([]);
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  });

  it('during a request leaves it unanswered', async () => {
    const { mock, client } = await start('synchronized', {
      intercept: (_, reply) => {
        mock.close();
        return reply && [reply, { datagram: reply, delayMs: 1 }];
      },
    });
    client.send(requestBytes(33));
    await received(mock, 1);
    expect(client.received).toEqual([]);
    await client[Symbol.asyncDispose]();
  });
});
