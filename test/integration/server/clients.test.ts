/** A real chronyd's clients and source names as served: under which conditions, and with how many requests. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime, flood } from '../../support/clients.ts';
import { CommandLine } from '../cli/support.ts';
import { Events } from './events.ts';
import { Serving } from './serving.ts';

const CLIENTS = 30;
/** A client that exceeds chronyd's rate limit. */
const FLOODING = '127.0.2.1';
const WITH_CLIENTS = ['--reports', 'all,clients'];
/** The code of the request for clients. */
const CODE = 68;

let commandLine: CommandLine;
let chronyd: Chronyd;
beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start({
    serve: true,
    config: ['local stratum 5', 'ratelimit interval 1 burst 4 leak 2', 'manual', 'server localhost port 9'],
  });
  await chronyd.chronyc([`settime ${new Date().toISOString().slice(0, 19).replace('T', ' ')}`]);
  for (let i = 1; i <= CLIENTS; i++) await askForTime(chronyd, `127.0.1.${i}`, 2);
  await flood(chronyd, FLOODING, 200);
});
afterAll(() => chronyd?.stop());

describe('with the clients of a real chronyd', () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await Serving.start(commandLine, '--host', chronyd.socketPath, ...WITH_CLIENTS);
    await serving.ready();
  });
  afterAll(() => serving?.[Symbol.asyncDispose]());

  const get = async (path: string) => JSON.parse((await serving.ask(path)).text);

  it('lists all of them in the API, with the same data as the library', async () => {
    await using chrony = await ChronyConnection.open(chronyd.socketPath);
    await expect
      .poll(
        async () => JSON.stringify(await get('/api/clients')) === JSON.stringify(await chrony.getClients()),
      )
      .toBe(true);
    const { reports } = await get('/api');
    expect(reports).toEqual(expect.arrayContaining(['/api/clients', '/api/manual-list']));
    expect(await get('/api/manual-list')).toEqual(await chrony.getManualList());
    expect(await get('/api/manual-list')).toHaveLength(1);
  });

  it('counts them in the metrics, without their addresses', async () => {
    const { text } = await serving.ask('/metrics');
    expect(text).toContain(`chrony_clients_connected{protocol="ntp"} ${CLIENTS + 1}\n`);
    expect(text).toContain('chrony_clients_connected{protocol="nts"} 0\n');
    expect(text).toContain(`chrony_clients_last_ntp_hit_ago_seconds_count ${CLIENTS + 1}\n`);
    expect(text).toContain(`chrony_clients_ntp_drops_bucket{le="0"} ${CLIENTS}\n`);
    expect(text).toContain(`chrony_clients_ntp_drops_bucket{le="100"} ${CLIENTS}\n`);
    expect(text).toContain('chrony_scrape_collector_success{collector="clients"} 1\n');
    expect(text).toContain('chrony_up 1\n');
    expect(text).not.toContain('127.0.1.');
    expect(text).not.toContain(FLOODING);
  });

  it('supports the format of OpenMetrics', async () => {
    const { text } = await serving.ask('/metrics', { headers: { accept: 'application/openmetrics-text' } });
    expect(text).toContain('# TYPE chrony_clients_ntp_drops histogram\n');
    expect(text).toContain(`chrony_clients_ntp_drops_count ${CLIENTS + 1}\n`);
  });

  it('does not reset their counters', async () => {
    for (const path of ['/api/clients', '/page/clients', '/metrics']) await serving.ask(path);
    const clients: readonly { address: string; ntpHits: number }[] = await get('/api/clients');
    const flooding = clients.find(({ address }) => address === FLOODING);
    expect(flooding?.ntpHits).toBe(200);
  });
});

describe('--reports', () => {
  it('excludes clients by default: API, page and metrics have none, and chronyd is not queried for them', async () => {
    await using mock = await startMockChronyd();
    await using serving = await Serving.start(commandLine, '--host', mock.address, '--interval', '0.5');
    await serving.ready();
    const off = await serving.ask('/api/clients');
    expect([off.status, JSON.parse(off.text).error.message]).toEqual([
      404,
      'the report clients is switched off; start the server with --reports all,clients',
    ]);
    const page = await serving.ask('/page/clients');
    expect([page.status, JSON.parse(page.text).error.code]).toEqual([200, 'ERR_CHRONY_REPORT_OFF']);
    expect((await serving.ask('/metrics')).text).not.toContain('chrony_clients');
    expect(JSON.parse((await serving.ask('/api')).text).reports).not.toContain('/api/clients');
    expect(mock.requests.filter(({ code }) => code === CODE)).toEqual([]);
  });

  it('includes clients without manual-list if only clients is named', async () => {
    await using mock = await startMockChronyd();
    const args = ['--host', mock.address, '--reports', 'tracking,clients'];
    await using serving = await Serving.start(commandLine, ...args);
    expect(JSON.parse((await serving.ask('/api')).text).reports).toEqual(['/api/tracking', '/api/clients']);
    expect(JSON.parse((await serving.ask('/api/manual-list')).text).error.message).toContain(
      'all,manual-list',
    );
    expect((await serving.ask('/api/clients')).status).toBe(200);
  });
});

it('queries clients on demand only, once per second for all requests', async () => {
  await using mock = await startMockChronyd('many sources');
  const args = ['--host', mock.address, '--interval', '0.5', ...WITH_CLIENTS];
  await using serving = await Serving.start(commandLine, ...args);
  await serving.ready();
  const tracking = () => mock.requests.filter(({ code }) => code === 33).length;
  await using _viewer = await Events.open(serving.url);
  await expect.poll(tracking).toBeGreaterThan(4);
  const clientRequests = () => mock.requests.filter(({ code }) => code === CODE);
  expect(clientRequests()).toEqual([]);
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => serving.ask(i % 2 ? '/page/clients' : '/api/clients')),
  );
  // 100 clients in batches of eight
  expect(clientRequests()).toHaveLength(13);
  // no request resets a counter
  for (const { datagram } of clientRequests()) expect(Buffer.from(datagram).readUInt32BE(32)).toBe(0);
});

it('reports missing permission in one sentence, once in the log, without further failures', async () => {
  const args = ['--host', chronyd.address, '--interval', '0.5', ...WITH_CLIENTS];
  await using serving = await Serving.start(commandLine, ...args);
  await serving.ready();
  const refused = await serving.ask('/api/clients');
  expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([403, 'ERR_CHRONY_PERMISSION']);
  const page = await serving.ask('/page/clients');
  expect([page.status, JSON.parse(page.text)]).toEqual([
    200,
    { error: { code: 'ERR_CHRONY_PERMISSION', message: expect.stringContaining('opencommands') } },
  ]);
  const { text } = await serving.ask('/metrics');
  expect(text).toContain('chrony_up 1\n');
  expect(text).not.toContain('chrony_clients');
  const lines = serving.log.split('\n').filter((line) => line.includes('without clients: '));
  expect(lines).toHaveLength(1);
});

it('reports that chronyd does not log clients', async () => {
  await using without = await Chronyd.start({ config: ['noclientlog'] });
  await using serving = await Serving.start(commandLine, '--host', without.socketPath, ...WITH_CLIENTS);
  const { status, text } = await serving.ask('/api/clients');
  expect(status).toBe(502);
  expect(JSON.parse(text).error.message).toContain('not enabled in chronyd');
  expect((await serving.ask('/metrics')).text).toContain('chrony_up 1\n');
});

describe('labels', () => {
  it("have the names of chronyd's configuration, each queried once", async () => {
    await using mock = await startMockChronyd();
    await using serving = await Serving.start(commandLine, '--host', mock.address, '--interval', '0.5');
    await serving.ready();
    const { text } = await serving.ask('/metrics');
    expect(text).toContain('tracking_name="ntp1.example.net"');
    for (const [address, name] of [
      ['192.0.2.1', 'ntp1.example.net'],
      ['2001:db8::2', 'ntp2.example.net'],
      ['198.51.100.3', 'ntp3.example.net'],
    ]) {
      const labels = `{source_address="${address}",source_name="${name}"}`;
      expect(text).toContain(`chrony_sources_stratum${labels}`);
      expect(text).toContain(`chrony_sourcestats_samples${labels}`);
      expect(text).toContain(`chrony_sources_peer_delay_seconds${labels}`);
    }
    const tracking = () => mock.requests.filter(({ code }) => code === 33).length;
    await using _viewer = await Events.open(serving.url);
    await expect.poll(tracking).toBeGreaterThan(4);
    expect(mock.requests.filter(({ code }) => code === 65)).toHaveLength(3);
  });

  it('have the names of a real chronyd, over UDP', async () => {
    await using serving = await Serving.start(commandLine, '--host', chronyd.address);
    await serving.ready();
    const { text } = await serving.ask('/metrics');
    expect(text).toMatch(
      /chrony_sources_stratum\{source_address="(127\.0\.0\.1|::1)",source_name="localhost"\}/,
    );
  });

  it.each([{ unauthorized: ['sourcename'] }, { unknown: ['sourcename'] }] as const)(
    'have addresses if chronyd does not give names: %o',
    async (refusal) => {
      await using mock = await startMockChronyd(scenario('synchronized', refusal));
      await using serving = await Serving.start(commandLine, '--host', mock.address);
      await serving.ready();
      const { text } = await serving.ask('/metrics');
      expect(text).toContain('tracking_name="192.0.2.1"');
      expect(text).toContain('chrony_sources_stratum{source_address="192.0.2.1",source_name="192.0.2.1"}');
      expect(text).toContain('chrony_up 1\n');
    },
  );
});
