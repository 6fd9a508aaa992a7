/** The server queries chronyd on demand only, with no more requests than needed, according to chronyd's own counter. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { Events } from './events.ts';
import { Serving } from './serving.ts';

/** Sources at which nothing listens, and whose names need no lookup. */
const SOURCES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'].map(
  (address) => `server ${address} port 9`,
);
/** The reports that chrony_exporter requests. */
const REPORTS = ['--reports', 'tracking,sources,sourcestats,ntpdata,serverstats'];

let chronyd: Chronyd;
let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start({ config: ['local stratum 5', ...SOURCES] });
});
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
});

/** The number of requests that chronyd has received, including the request for this number. */
async function received(): Promise<number> {
  const [, , requests] = (await chronyd.chronyc(['serverstats'])).split(',');
  return Number(requests);
}

/** The number of requests that chronyd receives during the work. */
async function requestsDuring(work: () => Promise<unknown>): Promise<number> {
  const before = await received();
  await work();
  return (await received()) - before - 1;
}

it('sends no requests while no client needs data', async () => {
  const requests = await requestsDuring(async () => {
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
    await serving.ask('/healthz');
    await serving.ask('/');
    await sleep(3000);
  });
  expect(requests).toBe(0);
});

it('takes 16 requests for a scrape of five reports on four sources, and 4 more once for their names', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.socketPath, ...REPORTS);
  for (const requests of [20, 16, 16]) {
    expect(await requestsDuring(() => serving.ask('/metrics'))).toBe(requests);
    // wait until the next scrape needs a new snapshot
    await sleep(1100);
  }
});

it('takes no more requests for a probe, although it keeps no connection', async () => {
  await using serving = await Serving.start(commandLine, '--probe', '127.0.0.1:*', ...REPORTS);
  const probe = () => serving.ask(`/probe?target=${chronyd.address}`);
  // over UDP chronyd refuses two of the reports, which are not requested again
  const counts = [];
  for (let i = 0; i < 3; i++) {
    counts.push(await requestsDuring(probe));
    await sleep(1100);
  }
  expect(counts).toEqual([17, 11, 11]);
});

it('stops querying after the last viewer has gone, and sends current data first to the next viewer', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
  const first = await Events.open(serving.url);
  const seen = await first.update();
  await first[Symbol.asyncDispose]();
  // an update may be in progress
  await sleep(1000);
  expect(await requestsDuring(() => sleep(2000))).toBe(0);
  await using second = await Events.open(serving.url);
  expect((await second.update()).time).toBeGreaterThan(seen.time + 2);
});

it('sends current data to a reloaded page at once, with one snapshot for the interval', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '10');
  const ofFirst = await requestsDuring(async () => {
    await using first = await Events.open(serving.url);
    await first.update();
  });
  // after more than half of the interval, a new viewer no longer gets the last update; the next update is due in 4 s
  await sleep(6000);
  const ofOthers = await requestsDuring(async () => {
    const opened = performance.now();
    const second = await Events.open(serving.url);
    const { time } = await second.update();
    expect(performance.now() - opened).toBeLessThan(2500);
    await second[Symbol.asyncDispose]();
    await using third = await Events.open(serving.url);
    expect((await third.update()).time).toBe(time);
    // wait for the next update of the first viewer's interval
    await sleep(4500);
  });
  expect(ofOthers).toBeGreaterThan(0);
  expect(ofOthers).toBeLessThanOrEqual(ofFirst);
});

it('adds a point to the history for each scrape', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
  await serving.ask('/metrics');
  await sleep(1100);
  await serving.ask('/metrics');
  await sleep(500);
  await using events = await Events.open(serving.url);
  expect(await events.next()).toMatchObject({ event: 'history', data: { length: 2 } });
});

it('queries chronyd for readiness checks, at most every 5 s', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.socketPath, ...REPORTS);
  const requests = await requestsDuring(async () => {
    for (let i = 0; i < 5; i++) expect((await serving.ask('/readyz')).status).toBe(200);
  });
  expect(requests).toBe(20);
});
