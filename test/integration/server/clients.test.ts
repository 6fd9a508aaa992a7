/** The clients of a real chronyd and the names of its sources, as the server gives them: to whom, when, and at what cost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime, flood } from '../../support/clients.ts';
import { CommandLine } from '../cli/support.ts';
import { Events } from './events.ts';
import { Serving } from './serving.ts';

const CLIENTS = 30;
/** It asks more often than chronyd's limit allows. */
const FLOODING = '127.0.2.1';
const WITH_CLIENTS = ['--reports', 'all,clients'];
/** The request for clients. */
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

  it('the API has all of them, as the library gives them', async () => {
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

  it('the metrics count them, and name none', async () => {
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

  it('in the format of OpenMetrics, too', async () => {
    const { text } = await serving.ask('/metrics', { headers: { accept: 'application/openmetrics-text' } });
    expect(text).toContain('# TYPE chrony_clients_ntp_drops histogram\n');
    expect(text).toContain(`chrony_clients_ntp_drops_count ${CLIENTS + 1}\n`);
  });

  it('their counters are not reset', async () => {
    for (const path of ['/api/clients', '/page/clients', '/metrics']) await serving.ask(path);
    const clients: readonly { address: string; ntpHits: number }[] = await get('/api/clients');
    const flooding = clients.find(({ address }) => address === FLOODING);
    expect(flooding?.ntpHits).toBe(200);
  });
});

describe('unless they are wanted', () => {
  it('neither API, page nor metrics have them, and chronyd is not asked', async () => {
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

  it('and only where --reports names them', async () => {
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

it('chronyd is asked for clients only when somebody wants to know, once for all of a second', async () => {
  await using mock = await startMockChronyd('many sources');
  const args = ['--host', mock.address, '--interval', '0.5', ...WITH_CLIENTS];
  await using serving = await Serving.start(commandLine, ...args);
  await serving.ready();
  const tracking = () => mock.requests.filter(({ code }) => code === 33).length;
  await using _viewer = await Events.open(serving.url);
  await expect.poll(tracking).toBeGreaterThan(4);
  const asked = () => mock.requests.filter(({ code }) => code === CODE);
  expect(asked()).toEqual([]);
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => serving.ask(i % 2 ? '/page/clients' : '/api/clients')),
  );
  // 100 clients in batches of eight
  expect(asked()).toHaveLength(13);
  // and none of the requests would reset a counter
  for (const { datagram } of asked()) expect(Buffer.from(datagram).readUInt32BE(32)).toBe(0);
});

it('a refusal is said in one sentence, in the log once, and nothing else fails for it', async () => {
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

it('a chronyd that keeps no clients says so', async () => {
  await using without = await Chronyd.start({ config: ['noclientlog'] });
  await using serving = await Serving.start(commandLine, '--host', without.socketPath, ...WITH_CLIENTS);
  const { status, text } = await serving.ask('/api/clients');
  expect(status).toBe(502);
  expect(JSON.parse(text).error.message).toContain('not enabled in chronyd');
  expect((await serving.ask('/metrics')).text).toContain('chrony_up 1\n');
});

describe('labels', () => {
  it("have the names of chronyd's configuration, each asked for once", async () => {
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

  it('of a real chronyd, over UDP', async () => {
    await using serving = await Serving.start(commandLine, '--host', chronyd.address);
    await serving.ready();
    const { text } = await serving.ask('/metrics');
    expect(text).toMatch(
      /chrony_sources_stratum\{source_address="(127\.0\.0\.1|::1)",source_name="localhost"\}/,
    );
  });

  it.each([{ unauthorized: ['sourcename'] }, { unknown: ['sourcename'] }] as const)(
    'have addresses where chronyd refuses names: %o',
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
