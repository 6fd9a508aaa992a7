/** The endpoints of the fleet server, with real chronyd processes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Topology } from '../../../../src/fleet/row.ts';
import type { FleetReply } from '../../../../src/server/fleet/messages.ts';
import { CHAIN, type Chain, startChain, targetOf } from '../../../support/chain.ts';
import { freePort } from '../../../support/ports.ts';
import { checkMetrics } from '../../../support/prometheus.ts';
import { CommandLine } from '../../cli/support.ts';
import type { Serving } from '../serving.ts';
import { startFleet, TargetsFile } from './support.ts';

let chain: Chain;
let serving: Serving;
let file: TargetsFile;
let top: string;
let middle: string;
let leaf: string;
let dead: string;

beforeAll(async () => {
  const commandLine = await CommandLine.build();
  chain = await startChain();
  top = targetOf(CHAIN.top, chain.top);
  middle = targetOf(CHAIN.middle, chain.middle);
  leaf = targetOf(CHAIN.leaves[0], chain.leaves[0]);
  dead = `127.0.0.1:${await freePort()}`;
  file = new TargetsFile(
    `${top} site=north`,
    `${middle} site=south role=relay`,
    `${leaf} site=south`,
    `${dead} site=north`,
  );
  serving = await startFleet(commandLine, '--targets', file.path, '--sources-interval', '1');
  await serving.ready();
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  file?.[Symbol.dispose]();
  await chain?.[Symbol.asyncDispose]();
});

async function fleetOf(query = ''): Promise<FleetReply> {
  return JSON.parse((await serving.ask(`/api/fleet${query}`)).text);
}

describe('/api/fleet', () => {
  it('contains each clock', async () => {
    await expect.poll(async () => (await fleetOf()).clocks[2]?.sourceCount).toBe(3);
    const { time, interval, clocks } = await fleetOf();
    expect(Math.abs(time - Date.now() / 1000)).toBeLessThan(60);
    expect(interval).toBe(1);
    expect(clocks.map(({ address, labels, state }) => [address, labels, state])).toEqual([
      [top, { site: 'north' }, 'critical'],
      [middle, { role: 'relay', site: 'south' }, 'ok'],
      [leaf, { site: 'south' }, 'ok'],
      [dead, { site: 'north' }, 'critical'],
    ]);
    expect(clocks[2]).toMatchObject({ stratum: 3, reference: CHAIN.middle, ip: CHAIN.leaves[0] });
    expect(clocks[2]).not.toHaveProperty('sources');
    expect(clocks[3]).toMatchObject({ heard: null, reasons: [expect.stringContaining(dead)] });
  });

  it.each<[query: string, expected: () => readonly string[]]>([
    ['?state=ok', () => [middle, leaf]],
    ['?state=ok&state=critical', () => [top, middle, leaf, dead]],
    ['?state=unknown', () => []],
    ['?label.site=north', () => [top, dead]],
    ['?label.site=north&label.site=south&label.role=relay', () => [middle]],
    ['?label.role=', () => [top, leaf, dead]],
    ['?label.site=south&state=critical', () => []],
  ])('filters by %s', async (query, expected) => {
    const { clocks } = await fleetOf(query);
    expect(clocks.map(({ address }) => address)).toEqual(expected());
  });

  it.each([
    ['?state=fine', /^invalid state 'fine'; use one of: ok, warning, critical, unknown, pending\n$/],
    ['?site=north', /^unknown parameter 'site'; use state, or label\.NAME for a label\n$/],
  ])('rejects %s', async (query, message) => {
    expect(await serving.ask(`/api/fleet${query}`)).toMatchObject({
      status: 400,
      text: expect.stringMatching(message),
    });
  });

  it('is sent again only if it has changed', async () => {
    // a fleet whose clocks change rarely
    await using still = await startFleet(await CommandLine.build(), dead, '--interval', '600');
    await still.ready();
    const ask = (tag: string) => still.ask('/api/fleet', { headers: { 'if-none-match': tag } });
    let tag = '';
    await expect
      .poll(
        async () => {
          const { status, headers } = await ask(tag);
          tag = String(headers.etag);
          return status;
        },
        // the server collects changes for a tenth of a second before it changes the tag
        { interval: 500 },
      )
      .toBe(304);
    expect((await ask(tag)).text).toBe('');
    const other = await ask('"other"');
    expect(other.status).toBe(200);
    expect(other.headers.etag).toBe(tag);
  });
});

it('/api/topology contains the followers of each source', async () => {
  const topology = async (): Promise<Topology> => JSON.parse((await serving.ask('/api/topology')).text);
  await expect
    .poll(async () => (await topology()).sources.map(({ address, followers }) => [address, followers]))
    .toEqual(
      expect.arrayContaining([
        [CHAIN.middle, [leaf]],
        [CHAIN.top, [middle]],
      ]),
    );
});

it('/sd lists the targets and their labels in the format of Prometheus', async () => {
  const { headers, text } = await serving.ask('/sd');
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(text)).toEqual([
    { targets: [top, dead], labels: { site: 'north' } },
    { targets: [middle], labels: { role: 'relay', site: 'south' } },
    { targets: [leaf], labels: { site: 'south' } },
  ]);
});

describe('/probe', () => {
  it('contains all metrics of a target', async () => {
    const { status, text } = await serving.ask(`/probe?target=${leaf}`);
    expect(status).toBe(200);
    expect(text).toMatch(/^chrony_tracking_stratum 3$/m);
  });

  it.each(['127.21.0.1:9', '127.0.0.1', 'example.org', '/run/chrony/chronyd.sock'])(
    'refuses %s, which is not a target',
    async (target) => {
      const { status, text } = await serving.ask(`/probe?target=${target}`);
      expect(status).toBe(403);
      expect(text).toContain(JSON.stringify(target));
    },
  );
});

describe('/clock/', () => {
  it('is the page and the API of a clock', async () => {
    const path = `/clock/${encodeURIComponent(leaf)}`;
    const page = await serving.ask(`${path}/`);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect((await serving.ask(`${path}/page.js`)).headers['content-type']).toBe(
      'text/javascript; charset=utf-8',
    );
    const tracking = await serving.ask(`${path}/api/tracking`);
    expect(JSON.parse(tracking.text)).toMatchObject({ stratum: 3, referenceIp: CHAIN.middle });
    expect((await serving.ask(`${path}/api/nothing`)).status).toBe(404);
  });

  it('redirects a path without a slash at its end', async () => {
    const path = `/clock/${encodeURIComponent(leaf)}`;
    const { status, headers } = await serving.ask(path);
    expect(status).toBe(308);
    expect(new URL(String(headers.location), new URL(path, serving.url)).pathname).toBe(`${path}/`);
  });

  it.each(['127.21.0.1%3A9', 'example.org', '%2Frun%2Fchrony%2Fchronyd.sock', '..%2F..'])(
    'does not exist for %s, which is not a target',
    async (address) => {
      for (const rest of ['', '/', '/api/tracking', '/events']) {
        const { status } = await serving.ask(`/clock/${address}${rest}`);
        expect([address, rest, status]).toEqual([address, rest, 404]);
      }
    },
  );

  it('rejects invalid percent-encoding', async () => {
    expect((await serving.ask('/clock/%ff/')).status).toBe(404);
  });
});

describe('/metrics', () => {
  it('are valid, with few series per target', async () => {
    const { text, headers } = await serving.ask('/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await checkMetrics(text)).toBe('');
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const of = (target: string): string[] => series.filter((line) => line.includes(`{target="${target}"`));
    expect(of(leaf)).toHaveLength(6);
    expect(of(leaf)).toEqual(
      expect.arrayContaining([
        `chrony_fleet_healthy{target="${leaf}"} 1`,
        `chrony_fleet_stratum{target="${leaf}"} 3`,
        `chrony_fleet_selected_source_info{target="${leaf}",source="${CHAIN.middle}"} 1`,
      ]),
    );
    expect(of(dead)).toEqual([`chrony_fleet_healthy{target="${dead}"} 0`]);
    expect(series).toEqual(
      expect.arrayContaining([
        'chrony_fleet_targets{state="ok"} 2',
        'chrony_fleet_targets{state="critical"} 2',
        'chrony_fleet_targets{state="pending"} 0',
      ]),
    );
    expect(text).toMatch(/^chrony_wasm_build_info\{version="[^"]+",runtime="node [^"]+"\} 1$/m);
  });

  it('are in the format of OpenMetrics on request', async () => {
    const { text, headers } = await serving.ask('/metrics', {
      headers: { accept: 'application/openmetrics-text; version=1.0.0' },
    });
    expect(headers['content-type']).toMatch(/^application\/openmetrics-text/);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(text).toContain(`chrony_fleet_healthy{target="${leaf}"} 1`);
  });
});

it('/ is the page of the fleet', async () => {
  const { status, headers, text } = await serving.ask('/');
  expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  const files = Array.from(text.matchAll(/(?:src|href)="([^":]+\.(?:js|css))"/g), ([, path]) => path);
  expect(files.length).toBeGreaterThan(0);
  for (const path of files) expect([path, (await serving.ask(`/${path}`)).status]).toEqual([path, 200]);
});

it('lists the paths in the reply to an unknown path', async () => {
  expect(await serving.ask('/nothing')).toMatchObject({
    status: 404,
    text: 'there is nothing here; see /, /metrics, /probe, /sd, /api/fleet, /api/topology\n',
  });
});
