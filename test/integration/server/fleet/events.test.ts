/** The events for the page of a fleet: all rows first, then the changes, at each viewer's own pace. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMockChronyd } from '../../../../src/testing/index.ts';
import { Chronyd } from '../../../support/chronyd.ts';
import { freePort } from '../../../support/ports.ts';
import { CommandLine } from '../../cli/support.ts';
import { FleetPage, INTERVAL_S, ManyClocks, startFleet, TargetsFile } from './support.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start({ config: ['local stratum 5'] });
});
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
});

it('sends every target and row first, then the changes', async () => {
  const dead = `127.0.0.1:${await freePort()}`;
  using file = new TargetsFile(`${chronyd.address} site=north`, dead);
  await using serving = await startFleet(commandLine, '--targets', file.path, '--allow-local');
  await serving.ready();
  await using page = await FleetPage.open(serving.url);
  expect(page.response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  await page.until(({ topology }) => topology > 0);
  expect(page.names).toEqual(['clock', 'targets', 'rows', 'topology']);
  expect(page.clock).toMatchObject({ interval: INTERVAL_S, targets: 2, version: expect.any(String) });
  expect([...page.targets.values()]).toEqual([
    [expect.any(Number), chronyd.address, { site: 'north' }],
    [expect.any(Number), dead, {}],
  ]);
  const [, state, reasons, maxError, offset, stratum, , , heard, ip] = await page.untilRow(
    chronyd.address,
    ([, latest]) => latest === 'ok',
  );
  expect([state, reasons, stratum, ip]).toEqual(['ok', [], 5, '127.0.0.1']);
  // in local mode, the error is unknown
  expect([maxError, offset]).toEqual([null, null]);
  expect(Math.abs((heard ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  expect(page.row(dead)?.slice(1, 4)).toEqual(['critical', [expect.stringContaining(dead)], null]);
  // a new reply is a change; the same failure is not
  await page.untilRow(chronyd.address, ([, , , , , , , , latest]) => (latest ?? 0) > (heard ?? 0));
  const { clock } = page;
  await page.until(({ clock: latest }) => latest !== clock);
});

it('reports that a clock has failed, and that it is back', async () => {
  await using restarted = await Chronyd.start({ config: ['local stratum 5'] });
  await using serving = await startFleet(commandLine, restarted.address, '--allow-local');
  await using page = await FleetPage.open(serving.url);
  await page.untilRow(restarted.address, ([, state]) => state === 'ok');
  await restarted.kill('SIGKILL');
  await page.untilRow(restarted.address, ([, state]) => state === 'critical');
  await restarted.run();
  await page.untilRow(restarted.address, ([, state]) => state === 'ok');
});

it('reports added and removed targets, and changed labels', async () => {
  const other = `127.0.0.1:${await freePort()}`;
  using file = new TargetsFile(`${chronyd.address} site=north`);
  await using serving = await startFleet(commandLine, '--targets', file.path, '--allow-local');
  await using page = await FleetPage.open(serving.url);
  await page.untilRow(chronyd.address, ([, state]) => state === 'ok');
  const id = page.idOf(chronyd.address);
  file.write(`${chronyd.address} site=south`, `${other} site=east`);
  await page.until(({ targets }) => targets.size === 2 && targets.get(Number(id))?.[2]['site'] === 'south');
  const otherId = page.idOf(other);
  // SIGHUP rereads the file at once
  file.write(`${chronyd.address} site=south`);
  serving.kill('SIGHUP');
  await page.until(({ gone }) => gone.length > 0);
  expect(page.gone).toEqual([otherId]);
  file.write(`${chronyd.address} site=south`, `${other} site=east`);
  serving.kill('SIGHUP');
  await page.until(({ targets }) => targets.size === 2);
  expect(page.idOf(chronyd.address)).toBe(id);
  // a number is never reused
  expect(page.idOf(other)).toBeGreaterThan(Number(otherId));
  // a page that connects later is not informed about targets that were removed before
  await using later = await FleetPage.open(serving.url);
  await later.until(({ rows }) => rows.size === 2);
  expect(later.gone).toEqual([]);
  expect(later.idOf(chronyd.address)).toBe(id);
});

it('sends only requests for tracking and sources, for any number of viewers', async () => {
  await using mock = await startMockChronyd('synchronized');
  await using serving = await startFleet(commandLine, mock.address);
  await serving.ready();
  await using one = await FleetPage.open(serving.url);
  await using two = await FleetPage.open(serving.url);
  for (const page of [one, two]) {
    const first = await page.untilRow(mock.address, ([, state]) => state !== 'pending');
    await page.untilRow(
      mock.address,
      ([, , , , , , , , heard]) => Number(heard) > Number(first[8]) + INTERVAL_S,
    );
  }
  await serving.ask('/api/fleet');
  await serving.ask('/metrics');
  // N_SOURCES, SOURCE_DATA, TRACKING, NTP_SOURCE_NAME
  const codes = new Set(mock.requests.map(({ code }) => code));
  expect([14, 15, 33, 65].filter((code) => codes.has(code))).toContain(33);
  expect([...codes].filter((code) => ![14, 15, 33, 65].includes(code))).toEqual([]);
});

describe('ten thousand targets', () => {
  const NUMBER = 10_000;
  let clocks: ManyClocks;
  let file: TargetsFile;
  let addresses: readonly string[];

  beforeAll(async () => {
    clocks = await ManyClocks.start();
    addresses = clocks.targets(NUMBER);
    file = new TargetsFile(...addresses);
  });
  afterAll(async () => {
    file?.[Symbol.dispose]();
    await clocks?.[Symbol.asyncDispose]();
  });

  it('are sent in pieces, and a slow viewer gets the latest rows later', async () => {
    await using serving = await startFleet(
      commandLine,
      ...['--targets', file.path, '--interval', '5', '--sources-interval', '86400'],
    );
    await serving.ready();
    await using quick = await FleetPage.open(serving.url);
    // this page reads nothing, so the server stops sending when the system's buffers are full
    await using slow = await FleetPage.open(serving.url);
    await quick.until(({ rows }) => rows.size === NUMBER);
    expect(quick.names.slice(0, 41)).toEqual([
      'clock',
      ...Array.from({ length: 20 }, () => ['targets', 'rows']).flat(),
    ]);
    // several times the capacity of a socket
    await quick.until(({ sent }) => sent > 4 * NUMBER);
    const latest = Number(quick.row(addresses[0] ?? '')?.[8]);
    await slow.until(({ rows }) => rows.size === NUMBER);
    await slow.untilRow(addresses[0] ?? '', ([, , , , , , , , heard]) => Number(heard) >= latest);
    expect(slow.sent).toBeLessThan(quick.sent);
    for (const id of quick.targets.keys()) expect(slow.targets.get(id)).toEqual(quick.targets.get(id));
  });

  it('have metrics and an API', async () => {
    await using serving = await startFleet(
      commandLine,
      ...['--targets', file.path, '--interval', '15', '--sources-interval', '86400'],
    );
    await serving.ready();
    const [metrics, fleet] = await Promise.all([serving.ask('/metrics'), serving.ask('/api/fleet')]);
    const ofTargets = metrics.text.match(/^chrony_fleet_healthy\{/gm) ?? [];
    expect(ofTargets).toHaveLength(NUMBER);
    expect(JSON.parse(fleet.text).clocks).toHaveLength(NUMBER);
    expect(JSON.parse((await serving.ask('/sd')).text)[0].targets).toHaveLength(NUMBER);
  });
});
