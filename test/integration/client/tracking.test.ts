/** The tracking report of a live chronyd equals the output of the real chronyc. */
import { setImmediate as immediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixed } from '../../../src/chronyc/values.ts';
import { ChronyConnection, getTracking, type TrackingStatus } from '../../../src/index.ts';
import { type Pair, startPair } from '../../support/pair.ts';

let pair: Pair;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair?.[Symbol.asyncDispose]());

/** chronyc's columns. Columns that change continuously are compared as a range. */
interface Printed {
  readonly still: Readonly<Record<string, string>>;
  readonly moving: Readonly<Record<'offset' | 'rootDispersion', number>>;
}

const LEAP = {
  normal: 'Normal',
  'insert second': 'Insert second',
  'delete second': 'Delete second',
  'not synchronized': 'Not synchronised',
};

async function chronycTracking(): Promise<Printed> {
  const line = (await pair.client.chronyc(['tracking'])).trimEnd();
  const [id, name, stratum, time, offset, last, rms, freq, resid, skew, delay, disp, interval, leap] =
    line.split(',');
  const still = { id, name, stratum, time, last, rms, freq, resid, skew, delay, interval, leap };
  return {
    still: still as Record<string, string>,
    moving: { offset: Number(offset), rootDispersion: Number(disp) },
  };
}

function printed(status: TrackingStatus): Record<string, string> {
  return {
    id: status.referenceId.toString(16).toUpperCase().padStart(8, '0'),
    name: status.referenceIdName,
    stratum: String(status.stratum),
    last: fixed(status.lastOffset, 9),
    rms: fixed(status.rmsOffset, 9),
    freq: fixed(status.frequency, 3),
    resid: fixed(status.residualFreq, 3),
    skew: fixed(status.skew, 3),
    delay: fixed(status.rootDelay, 9),
    interval: fixed(status.updateInterval, 1),
    leap: LEAP[status.leapStatus],
  };
}

describe('getTracking() of a synchronized chronyd', () => {
  it('equals chronyc -c -n tracking, field by field', async () => {
    for (let attempt = 0; attempt < 100; attempt++) {
      const before = await chronycTracking();
      const ours = await getTracking(pair.client.address);
      const after = await chronycTracking();
      // chronyd updated its clock in between: the readings are not comparable
      if (JSON.stringify(before.still) !== JSON.stringify(after.still)) continue;

      const { time, ...still } = before.still;
      expect(printed(ours)).toEqual(still);
      // a double holds the current time in seconds with a resolution of a quarter of a microsecond
      expect(Math.abs(ours.refTime - Number(time))).toBeLessThan(1e-6);
      for (const field of ['offset', 'rootDispersion'] as const) {
        const [low, high] = [before.moving[field], after.moving[field]].sort((a, b) => a - b);
        expect(ours[field]).toBeGreaterThanOrEqual((low ?? 0) - 1e-9);
        expect(ours[field]).toBeLessThanOrEqual((high ?? 0) + 1e-9);
      }
      return;
    }
    expect.fail('chronyd updated its clock between any two readings');
  });

  it('is synchronized to its server, with an error bound', async () => {
    const status = await getTracking(pair.client.address);
    expect(status.referenceIp).toBe('127.0.0.1');
    expect(status.referenceIdName).toBe('127.0.0.1');
    expect(status.referenceId).toBe(0x7f000001);
    expect(status.stratum).toBe(2);
    expect(status.isSynchronized()).toBe(true);
    expect(status.isLeapPending()).toBe(false);
    expect(status.maxError()).toBeGreaterThan(0);
    const { offset, rootDelay, rootDispersion } = status;
    expect(status.maxError()).toBe(Math.abs(offset) + rootDispersion + rootDelay / 2);
  });

  it.each([
    ['IPv4', () => pair.client.address],
    ['IPv6', () => `[::1]:${pair.client.commandPort}`],
    ['a name', () => `localhost:${pair.client.commandPort}`],
  ])('works over %s', async (_, address) => {
    const connection = await ChronyConnection.open(address());
    try {
      expect((await connection.getTracking()).isSynchronized()).toBe(true);
      expect(connection.address).toMatch(/^(127\.0\.0\.1|\[::1\]):\d+$/);
    } finally {
      await connection.close();
    }
  });
});

describe('a poll interval below one second', () => {
  it('is negative, not 65535', async () => {
    const connection = await ChronyConnection.open(pair.client.address);
    try {
      const sources = await connection.getSources();
      const fast = sources.find(({ address }) => address === '127.0.0.1');
      expect([-1, -2]).toContain(fast?.poll);

      const records = await connection.getReport('sources');
      const polls = records.map((record) => record.find(({ name }) => name === 'poll')?.value);
      expect(polls.filter((poll) => poll === -1n || poll === -2n)).toHaveLength(1);
    } finally {
      await connection.close();
    }
  });
});

it.each([
  ['UDP', () => pair.client.address],
  ['the Unix socket', () => pair.client.socketPath],
])(
  'accepts a reply that arrived over %s while the process was blocked for longer than the timeout',
  async (_, address) => {
    await using connection = await ChronyConnection.open({ address: address(), timeoutMs: 200, retries: 0 });
    await connection.getTracking();
    // the event loop runs timers next, before it reads from sockets
    await immediate();
    // on an open connection the request is sent before the call returns
    const answer = connection.getTracking();
    for (const end = performance.now() + 1000; performance.now() < end; );
    expect((await answer).isSynchronized()).toBe(true);
  },
);
