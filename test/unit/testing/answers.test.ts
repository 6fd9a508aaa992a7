import { describe, expect, it } from 'vitest';
import {
  makeClientAccess,
  ntpSource,
  referenceClock,
  type ScenarioOverrides,
  scenario,
} from '../../../src/testing/index.ts';
import { ReplyStatus } from '../../../src/testing/reply.ts';
import { requestKinds } from '../../../src/testing/requests.ts';
import { hex, ipv4, received, requestBytes, SEQUENCE, start, words } from './support.ts';

const firstSource = ipv4(192, 0, 2, 1);
const bodies = { nothing: new Uint8Array(), index: 0, address: firstSource, clients: words(0, 8, 0, 0) };

describe('answers', () => {
  it('repeat the code and the sequence', async () => {
    await using it = await start();
    expect(await it.client.ask(33)).toMatchObject({ code: 33, reply: 5, status: 0, sequence: SEQUENCE });
  });

  it.each(requestKinds)('are sent to request $code', async ({ code, body, replies }) => {
    await using it = await start();
    const reply = await it.client.ask(code, { body: bodies[body] });
    expect(reply.status).toBe(ReplyStatus.SUCCESS);
    expect(replies).toContain(reply.reply);
  });

  it('carry the data: tracking', async () => {
    await using it = await start(
      scenario('synchronized', {
        tracking: {
          referenceId: 0xc000_0201,
          referenceIp: '192.0.2.1',
          stratum: 3,
          leapStatus: 'insert second',
          refTime: 1_700_000_000.25,
          offset: 1,
          lastOffset: -1,
          rmsOffset: 4,
          frequency: 2000,
          residualFreq: 0,
          skew: 0.75,
          rootDelay: 0.125,
          rootDispersion: 0,
          updateInterval: 4,
        },
      }),
    );
    expect(hex((await it.client.ask(33)).body)).toBe(
      'c0000201' +
        'c000020100000000000000000000000000010000' +
        '0003' +
        '0001' +
        '000000006553f1000ee6b280' +
        '0480000003000000088000001' +
        '8fa00000000000002c00000fe80000000000000' +
        '08800000',
    );
  });

  it.each<[number, keyof typeof bodies, ScenarioOverrides, string]>([
    [14, 'nothing', {}, '00000003'],
    [
      44,
      'nothing',
      { activity: { online: 1, offline: 2, burstOnline: 3, burstOffline: 4, unresolved: 5 } },
      '0000000100000002000000030000000400000005',
    ],
    [
      35,
      'nothing',
      { rtc: { refTime: 1, samples: 2, runs: 3, span: 4, offset: 1, freqOffset: -1 } },
      `${'0000000000000001' + '00000000'}00020003000000040480000003000000`,
    ],
    [
      51,
      'nothing',
      {
        smoothing: {
          active: false,
          leapOnly: true,
          offset: 1,
          frequency: -1,
          wander: 0.125,
          lastUpdateAgo: 4,
          remainingTime: 2000,
        },
      },
      '000000020480000003000000fe8000000880000018fa0000',
    ],
    [
      15,
      'index',
      {
        sources: [
          ntpSource('192.0.2.1', {
            source: {
              poll: -2,
              stratum: 1,
              state: 'jittery',
              mode: 'peer',
              flags: 6,
              reachability: 7,
              lastSampleAgo: null,
              origLatestMeas: 1,
              latestMeas: -1,
              latestMeasErr: 4,
            },
          }),
        ],
      },
      `${hex(firstSource)}fffe00010003000100060007ffffffff048000000300000008800000`,
    ],
    [
      34,
      'index',
      {
        sources: [
          ntpSource('192.0.2.1', {
            stats: {
              samples: 1,
              runs: 2,
              span: 3,
              stdDev: 1,
              residFreq: -1,
              skew: 2000,
              offset: 0.75,
              offsetErr: 4,
            },
          }),
        ],
      },
      `c0000201${hex(firstSource)}000000010000000200000003048000000300000018fa000002c0000008800000`,
    ],
    [
      67,
      'address',
      {
        sources: [
          ntpSource('192.0.2.1', {
            auth: {
              mode: 'NTS',
              keyType: 'AEAD-AES-128-GCM-SIV',
              keyId: 1,
              keyLength: 256,
              keAttempts: 3,
              lastKeAgo: null,
              cookies: 8,
              cookieLength: 100,
              nak: true,
            },
          }),
        ],
      },
      '0002001e0000000101000003ffffffff0008006400010000',
    ],
    [
      54,
      'nothing',
      {
        serverStatsReply: 14,
        serverStats: {
          ntpReceived: 1,
          commandReceived: 2,
          ntpDropped: 3,
          commandDropped: 4,
          logDropped: 5,
        },
      },
      '0000000100000002000000030000000400000005',
    ],
  ])('carry the data: request %d', async (code, body, overrides, expected) => {
    await using it = await start(scenario('synchronized', overrides));
    expect(hex((await it.client.ask(code, { body: bodies[body] })).body)).toBe(expected);
  });

  it.each([
    [14, 4],
    [22, 4],
    [24, 4],
    [25, 8],
  ] as const)(
    'have the size of counters of that server version: serverstats %d',
    async (serverStatsReply, size) => {
      await using it = await start(scenario('synchronized', { serverStatsReply }));
      const { reply, body } = await it.client.ask(54);
      expect(reply).toBe(serverStatsReply);
      expect(body.readUIntBE(size - 4, 4)).toBe(it.mock.scenario.serverStats.ntpReceived);
    },
  );

  it('carry the data: a reference clock among the sources', async () => {
    await using it = await start('gps');
    const source = await it.client.ask(15, { body: 0 });
    // the ID in place of an IPv4 address; poll 4, stratum 0, state 0, mode 2, flags 0, reachability 0377
    expect(hex(source.body.subarray(0, 32))).toBe(
      `47505300${'00'.repeat(12)}00010000${'0004'}${'0000'}${'0000'}${'0002'}${'0000'}${'00ff'}`,
    );
    for (const code of [34, 69]) {
      const { body } = await it.client.ask(code, { body: 0 });
      expect(hex(body.subarray(0, 24)), `request ${code}`).toBe(`47505300${'00'.repeat(20)}`);
    }
    for (const code of [57, 65, 67]) {
      const asClock = await it.client.ask(code, { body: ipv4(0x47, 0x50, 0x53, 0) });
      expect(asClock.status).toBe(ReplyStatus.NO_SUCH_SOURCE);
    }
  });

  it('carry the data: letters, flags and "never" of selectdata', async () => {
    const source = ntpSource('192.0.2.1', {
      select: {
        state: 'falseticker',
        authenticated: true,
        leapStatus: 'not synchronized',
        configuredOptions: ['prefer', 'require'],
        effectiveOptions: ['noselect', 'trust'],
        lastSampleAgo: null,
      },
    });
    await using it = await start(scenario('synchronized', { sources: [source] }));
    const { body } = await it.client.ask(69, { body: 0 });
    expect(hex(body.subarray(24, 36))).toBe('7801030000' + '0a0005' + 'ffffffff');
  });

  it('carry the data: modes and tests of ntpdata', async () => {
    await using it = await start();
    const { body } = await it.client.ask(57, { body: firstSource });
    // after the remote and local address: port, leap status, version, mode, stratum, poll, precision
    expect(hex(body.subarray(40, 48))).toBe('007b' + '00' + '04' + '04' + '02' + '06' + 'e9');
    const flags = 40 + 8 + 4 + 4 + 4 + 12 + 5 * 4;
    expect(hex(body.subarray(flags, flags + 4))).toBe('03ff' + '4b4b');
  });

  it('carry the configured name', async () => {
    const unresolved = ntpSource('ID#0000000007', { name: 'zürich.example' });
    const sources = [
      ntpSource('192.0.2.1', { name: 'ntp1.example.net' }),
      ntpSource('192.0.2.2'),
      unresolved,
    ];
    await using it = await start(scenario('synchronized', { sources }));
    const nameOf = async (address: Uint8Array): Promise<string> => {
      const { body } = await it.client.ask(65, { body: address });
      expect(body).toHaveLength(256);
      return body.toString().replace(/\0+$/, '');
    };
    expect(await nameOf(firstSource)).toBe('ntp1.example.net');
    expect(await nameOf(ipv4(192, 0, 2, 2))).toBe('192.0.2.2');
    expect(await nameOf(Uint8Array.of(0, 0, 0, 7, ...Array(13).fill(0), 3, 0, 0))).toBe('zürich.example');
  });

  it('carry the data: clients', async () => {
    const client = makeClientAccess({
      address: '192.0.2.1',
      ntpHits: 1,
      ntsKeHits: 2,
      commandHits: 3,
      ntpDrops: 4,
      ntsKeDrops: 5,
      commandDrops: 6,
      ntpInterval: -1,
      ntsKeInterval: 8,
      commandInterval: null,
      ntpTimeoutInterval: 10,
      lastNtpHitAgo: 11,
      lastNtsKeHitAgo: null,
      lastCommandHitAgo: 13,
    });
    await using it = await start(scenario('synchronized', { clients: [client] }));
    const { body } = await it.client.ask(68, { body: bodies.clients });
    const counts = [1, 2, 3, 4, 5, 6].map((count) => `0000000${count}`).join('');
    expect(hex(body)).toBe(
      `${'00000010'}${'00000010'}${'00000001'}${hex(firstSource)}${counts}${'ff087f0a'}0000000bffffffff0000000d${'00'.repeat(7 * 60)}`,
    );
  });

  it('carry the data: the manual list', async () => {
    const sample = { time: 1_700_000_000.25, slewedOffset: 1, originalOffset: -1, residual: 0.125 };
    await using it = await start(scenario('synchronized', { manualSamples: [sample, sample] }));
    const { body } = await it.client.ask(41);
    const entry = `000000006553f1000ee6b280${'04800000'}${'03000000'}${'fe800000'}`;
    expect(hex(body)).toBe(`00000002${entry}${entry}${'00'.repeat(14 * 24)}`);
  });
});

describe('clients in batches', () => {
  /** Returns the header of the batch, and the last byte of each client address: 192.0.2.0, 192.0.2.1 … */
  async function ask(it: Awaited<ReturnType<typeof start>>, ...request: readonly number[]) {
    const { status, body } = await it.client.ask(68, { body: words(...request) });
    expect(status).toBe(ReplyStatus.SUCCESS);
    const [indices, next, count] = [0, 4, 8].map((at) => body.readUInt32BE(at)) as [number, number, number];
    const entries = Array.from({ length: 8 }, (_, i) => body.subarray(12 + 60 * i, 72 + 60 * i));
    for (const unused of entries.slice(count)) expect(hex(unused)).toBe('00'.repeat(60));
    return [indices, next, ...entries.slice(0, count).map((entry) => entry.readUInt8(3))];
  }

  const clients = Array.from({ length: 20 }, (_, i) =>
    makeClientAccess({
      address: `192.0.2.${i}`,
      ntpHits: i % 3 === 0 ? i : 0,
      ntsKeHits: i % 3 === 1 ? i : 0,
      commandHits: i % 3 === 2 ? i : 0,
    }),
  );
  const range = (from: number, to: number): number[] => clients.map((_, i) => i).slice(from, to);

  // like chronyd: the table doubles, unused entries are skipped, and the next index follows the last client or the table's end
  it.each<[why: string, request: number[], batch: number[]]>([
    ['the first batch', [0, 8, 0, 0], [32, 8, ...range(0, 8)]],
    ['the next batch', [8, 8, 0, 0], [32, 16, ...range(8, 16)]],
    ['the last batch', [16, 8, 0, 0], [32, 32, ...range(16, 20)]],
    ['from an unused index', [24, 8, 0, 0], [32, 32]],
    ['at the end of the table', [32, 8, 0, 0], [32, 32]],
    ['beyond the table', [0xffff_ffff, 8, 0, 0], [32, 0xffff_ffff]],
    ['of no clients', [3, 0, 0, 0], [32, 3]],
    ['of fewer clients', [3, 2, 0, 0], [32, 5, ...range(3, 5)]],
    ['of more clients than fit in a reply', [0, 0xffff_ffff, 0, 0], [32, 8, ...range(0, 8)]],
    ['with a minimum of hits of any kind', [0, 8, 5, 0], [32, 13, ...range(5, 13)]],
    ['with a minimum that no client reaches', [0, 8, 20, 0], [32, 32]],
  ])('%s', async (_, request, batch) => {
    await using it = await start(scenario('synchronized', { clients }));
    expect(await ask(it, ...request)).toEqual(batch);
  });

  it('of an empty table', async () => {
    await using it = await start(scenario('synchronized', { clients: [] }));
    expect(await ask(it, 0, 8, 0, 0)).toEqual([16, 16]);
  });

  it.each([1, 2, 0xffff_ffff])('are refused and recorded with reset %d', async (reset) => {
    await using it = await start();
    expect(await it.client.ask(68, { body: words(0, 8, 0, reset) })).toMatchObject({
      status: ReplyStatus.FAILED,
    });
    const [request] = it.mock.requests;
    expect(Buffer.from(request?.datagram ?? []).readUInt32BE(32)).toBe(reset);
  });
});

describe('the mock refuses', () => {
  it.each([15, 34, 69])('request %d for an unknown record', async (code) => {
    await using it = await start();
    expect(await it.client.ask(code, { body: 3 })).toMatchObject({
      reply: 1,
      status: ReplyStatus.NO_SUCH_SOURCE,
    });
    expect(await it.client.ask(code, { body: 2 })).toMatchObject({ status: ReplyStatus.SUCCESS });
  });

  it.each([57, 65, 67])('request %d for an unknown address', async (code) => {
    await using it = await start();
    for (const body of [ipv4(192, 0, 2, 99), new Uint8Array(20)])
      expect(await it.client.ask(code, { body })).toMatchObject({ status: ReplyStatus.NO_SUCH_SOURCE });
  });

  it('request 65 for a reference clock', async () => {
    await using it = await start(scenario('gps', { sources: [referenceClock('GPS', { name: 'GPS' })] }));
    for (const body of [ipv4(0x47, 0x50, 0x53, 0), Uint8Array.of(0x47, 0x50, 0x53, ...Array(17).fill(0))])
      expect(await it.client.ask(65, { body })).toMatchObject({
        reply: 1,
        status: ReplyStatus.NO_SUCH_SOURCE,
      });
  });

  it('an unknown code', async () => {
    await using it = await start();
    expect(await it.client.ask(999)).toMatchObject({ code: 999, reply: 1, status: ReplyStatus.INVALID });
  });

  it('another version of the protocol', async () => {
    await using it = await start();
    for (const version of [5, 7])
      expect(await it.client.ask(33, { version })).toMatchObject({ status: ReplyStatus.BAD_VERSION });
  });

  it('a request shorter than the reply to it', async () => {
    await using it = await start();
    expect(await it.client.ask(33, { length: 103 })).toMatchObject({ status: ReplyStatus.BAD_LENGTH });
    expect(await it.client.ask(33, { length: 104 })).toMatchObject({ status: ReplyStatus.SUCCESS });
    for (const [code, length] of [
      [41, 416],
      [65, 284],
      [68, 520],
    ] as const) {
      const body = code === 65 ? firstSource : words(0, 8, 0, 0);
      expect(await it.client.ask(code, { body, length: length - 1 })).toMatchObject({
        status: ReplyStatus.BAD_LENGTH,
      });
      expect(await it.client.ask(code, { body, length })).toMatchObject({ status: ReplyStatus.SUCCESS });
    }
    expect(await it.client.ask(54, { length: 195 })).toMatchObject({ status: ReplyStatus.BAD_LENGTH });
    it.mock.scenario = 'old server';
    expect(await it.client.ask(54, { length: 48 })).toMatchObject({ status: ReplyStatus.SUCCESS });
  });

  it('requests that the client is not allowed to make', async () => {
    await using it = await start('permission denied');
    for (const code of [54, 57, 67, 68, 69])
      expect(await it.client.ask(code, { body: firstSource })).toMatchObject({
        reply: 1,
        status: ReplyStatus.UNAUTHORIZED,
      });
    expect(await it.client.ask(65, { body: firstSource })).toMatchObject({ status: ReplyStatus.SUCCESS });
    for (const code of [14, 15, 33, 34, 35, 41, 44, 51])
      expect(await it.client.ask(code)).toMatchObject({ status: ReplyStatus.SUCCESS });
  });

  it('requests that an old server does not know', async () => {
    await using it = await start('old server');
    for (const code of [65, 67, 68, 69])
      expect(await it.client.ask(code)).toMatchObject({ status: ReplyStatus.INVALID });
    expect(await it.client.ask(54)).toMatchObject({ reply: 14 });
    expect(await it.client.ask(57, { body: firstSource })).toMatchObject({ reply: 16 });
    const { body } = await it.client.ask(33);
    expect(body.readUInt32BE(28)).toBe(0x7fff_ffff);
  });

  it('a request for several reports only if all of them are refused', async () => {
    await using it = await start(scenario('synchronized', { unauthorized: ['sources'] }));
    expect(await it.client.ask(15)).toMatchObject({ status: ReplyStatus.UNAUTHORIZED });
    expect(await it.client.ask(14)).toMatchObject({ status: ReplyStatus.SUCCESS });
    it.mock.scenario = scenario('synchronized', {
      unauthorized: ['sources', 'sourcestats', 'selectdata', 'authdata', 'ntpdata'],
    });
    expect(await it.client.ask(14)).toMatchObject({ status: ReplyStatus.UNAUTHORIZED });
  });

  it('reports that are switched off', async () => {
    await using it = await start(scenario('no rtc', { smoothing: null, clients: null }));
    expect(await it.client.ask(68, { body: bodies.clients })).toMatchObject({ status: ReplyStatus.INACTIVE });
    expect(await it.client.ask(35)).toMatchObject({ status: ReplyStatus.NO_RTC });
    expect(await it.client.ask(51)).toMatchObject({ status: ReplyStatus.NOT_ENABLED });
  });

  it('a datagram that is not a request by sending no reply', async () => {
    await using it = await start();
    for (const length of [0, 1, 12, 19, 20, 27]) it.client.send(requestBytes(33, { length }));
    it.client.send(requestBytes(33, { type: 2 }));
    it.client.send(requestBytes(33, { version: 4 }));
    await received(it.mock, 4);
    expect(it.client.received).toEqual([]);
    expect(it.mock.requests.map(({ length }) => length)).toEqual([20, 27, 600, 600]);
  });
});
