/** The requests beyond the reports, with a real chronyd: their results, and their number by chronyd's own count. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime } from '../../support/clients.ts';

let chronyd: Chronyd;
let chrony: ChronyConnection;

/** The number of requests that chronyd has received, including this one. */
async function commandRequests(): Promise<number> {
  const columns = (await chronyd.chronyc(['serverstats'])).split(',');
  return Number(columns[2]);
}

/** Runs `work`. Returns its result and the number of requests that chronyd counted. */
async function counted<T>(work: () => Promise<T>): Promise<{ value: T; requests: number }> {
  const before = await commandRequests();
  const value = await work();
  return { value, requests: (await commandRequests()) - before - 1 };
}

describe('clients', () => {
  beforeAll(async () => {
    chronyd = await Chronyd.start({ config: ['local stratum 1'], serve: true });
    chrony = await ChronyConnection.open(chronyd.socketPath);
  });
  afterAll(async () => {
    await chrony?.close();
    await chronyd?.stop();
  });

  const addressOf = (i: number): string => `127.0.1.${i + 1}`;
  let count = 0;
  /** Adds clients up to this number. The first one sends two requests. */
  async function addClients(number: number): Promise<void> {
    for (; count < number; count++) await askForTime(chronyd, addressOf(count), count === 0 ? 2 : 1);
  }

  it.each([0, 1, 7, 8, 9, 16, 17, 40, 100])(
    'returns each of %i clients once, with at most n / 8 + 1 requests',
    async (number) => {
      await addClients(number);
      const { value, requests } = await counted(() => chrony.getClients());
      expect(value.map(({ address }) => address).toSorted()).toEqual(
        Array.from({ length: number }, (_, i) => addressOf(i)).toSorted(),
      );
      expect(value.every(({ ntpHits }) => ntpHits > 0)).toBe(true);
      expect(requests).toBeGreaterThanOrEqual(number / 8);
      expect(requests).toBeLessThanOrEqual(Math.floor(number / 8) + 1);
    },
  );

  it('returns only clients with at least `minimumHits` requests', async () => {
    await addClients(1);
    const clients = await chrony.getClients({ minimumHits: 2 });
    expect(clients.map(({ address, ntpHits }) => [address, ntpHits])).toEqual([[addressOf(0), 2]]);
    expect(await chrony.getClients({ minimumHits: 2 ** 32 - 1 })).toEqual([]);
  });
});

describe('names', () => {
  const POLL = 'minpoll 6 maxpoll 6 offline';

  beforeAll(async () => {
    chronyd = await Chronyd.start({
      config: [
        `server localhost port 9 ${POLL}`,
        `server 127.0.0.2 port 9 ${POLL}`,
        `server no-such-name.invalid port 9 ${POLL}`,
        'refclock SOCK {dir}/gps.sock refid GPS',
      ],
    });
    chrony = await ChronyConnection.open(chronyd.socketPath);
    await chronyd.until(async () =>
      (await chrony.getSources()).some(({ address }) => address === '127.0.0.1'),
    );
  });
  afterAll(async () => {
    await chrony?.close();
    await chronyd?.stop();
  });

  it('are those of chrony.conf and cost one request per NTP source, only the first time', async () => {
    const plain = await counted(() => chrony.getSources());
    expect(plain.value.map(({ name }) => name)).toEqual([null, null, null, null]);
    const first = await counted(() => chrony.getSources({ names: true }));
    expect(first.value.map(({ name }) => name)).toEqual(
      first.value.map(({ address }) =>
        address === 'GPS'
          ? null
          : address === '127.0.0.1'
            ? 'localhost'
            : address === '127.0.0.2'
              ? address
              : 'no-such-name.invalid',
      ),
    );
    expect(first.requests).toBe(plain.requests + 3);
    const second = await counted(() => chrony.getSources({ names: true }));
    expect(second.value).toEqual(first.value);
    expect(second.requests).toBe(plain.requests);
    const names = await counted(() => chrony.getSourceNames());
    expect(names.value).toEqual(first.value.map(({ address, name }) => ({ address, name })));
    expect(names.requests).toBe(plain.requests);
  });

  it('are requested again after a source was added', async () => {
    await chrony.getSources({ names: true });
    await chronyd.chronyc(['add', 'server', '127.0.0.3', 'offline']);
    const plain = await counted(() => chrony.getSources());
    const first = await counted(() => chrony.getSources({ names: true }));
    expect(first.value.map(({ name }) => name)).toContain('127.0.0.3');
    expect(first.requests).toBe(plain.requests + 4);
    expect((await counted(() => chrony.getSources({ names: true }))).requests).toBe(plain.requests);
  });

  it('cost one request by address, also for an unresolved source', async () => {
    const sources = await chrony.getSources();
    const unresolved =
      sources.find(({ address }) => address.startsWith('ID#'))?.address ?? expect.fail('all resolved');
    for (const [address, name] of [
      ['127.0.0.1', 'localhost'],
      [unresolved, 'no-such-name.invalid'],
    ] as const) {
      const { value, requests } = await counted(() => chrony.getSourceName(address));
      expect(value).toBe(name);
      expect(requests).toBe(1);
    }
    await expect(chrony.getSourceName('192.0.2.1')).rejects.toMatchObject({ errorCode: 11 });
    await expect(chrony.getSourceName('GPS')).rejects.toMatchObject({ errorCode: 7 });
  });
});

describe('the manual list', () => {
  beforeAll(async () => {
    chronyd = await Chronyd.start({ config: ['manual'] });
    chrony = await ChronyConnection.open(chronyd.address);
  });
  afterAll(async () => {
    await chrony?.close();
    await chronyd?.stop();
  });

  it('returns the entered times with one request', async () => {
    expect(await chrony.getManualList()).toEqual([]);
    const time = new Date(Date.now() + 3000).toISOString();
    await chronyd.chronyc([`settime ${time.slice(0, 10)} ${time.slice(11, 19)}`]);
    const { value, requests } = await counted(() => chrony.getManualList());
    expect(requests).toBe(1);
    expect(value).toHaveLength(1);
    // 3 s ahead, in whole seconds: the clock was slow
    expect(value[0]?.originalOffset).toBeLessThan(-1);
    expect(value[0]?.originalOffset).toBeGreaterThan(-4);
    expect(Math.abs((value[0]?.time ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });
});
