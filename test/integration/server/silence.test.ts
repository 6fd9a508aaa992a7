/** chronyd is asked when somebody asks the server, and no more than it takes: by chronyd's own count of requests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { Events } from './events.ts';
import { Serving } from './serving.ts';

/** Nothing listens there, and the names need no look-up. */
const SOURCES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'].map(
  (address) => `server ${address} port 9`,
);
/** The reports that chrony_exporter asks for. */
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

/** The requests that chronyd has received, with the one that asks for their number. */
async function received(): Promise<number> {
  const [, , requests] = (await chronyd.chronyc(['serverstats'])).split(',');
  return Number(requests);
}

/** The requests that chronyd receives meanwhile. */
async function requestsDuring(work: () => Promise<unknown>): Promise<number> {
  const before = await received();
  await work();
  return (await received()) - before - 1;
}

it('sends not one request while nobody asks', async () => {
  const requests = await requestsDuring(async () => {
    await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
    await serving.ask('/healthz');
    await serving.ask('/');
    await sleep(3000);
  });
  expect(requests).toBe(0);
});

it('a scrape of five reports on four sources takes 16 requests, and 4 more once for their names', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.socketPath, ...REPORTS);
  for (const requests of [20, 16, 16]) {
    expect(await requestsDuring(() => serving.ask('/metrics'))).toBe(requests);
    // the next one is not to get the same snapshot
    await sleep(1100);
  }
});

it('a probe does so, too, though it keeps no connection', async () => {
  await using serving = await Serving.start(commandLine, '--probe', '127.0.0.1:*', ...REPORTS);
  const probe = () => serving.ask(`/probe?target=${chronyd.address}`);
  // over UDP chronyd refuses two of the reports, and is not asked for them again
  const counts = [];
  for (let i = 0; i < 3; i++) {
    counts.push(await requestsDuring(probe));
    await sleep(1100);
  }
  expect(counts).toEqual([17, 11, 11]);
});

it('ends asking when the last viewer has gone, and shows the next one the present first', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
  const first = await Events.open(serving.url);
  const seen = await first.update();
  await first[Symbol.asyncDispose]();
  // an update may be under way
  await sleep(1000);
  expect(await requestsDuring(() => sleep(2000))).toBe(0);
  await using second = await Events.open(serving.url);
  expect((await second.update()).time).toBeGreaterThan(seen.time + 2);
});

it('shows a reloaded page the present at once, with one snapshot for the interval', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '10');
  const ofFirst = await requestsDuring(async () => {
    await using first = await Events.open(serving.url);
    await first.update();
  });
  // more than half of the interval, after which an update is not shown to a new viewer; the next turn is 4 s later
  await sleep(6000);
  const ofOthers = await requestsDuring(async () => {
    const opened = performance.now();
    const second = await Events.open(serving.url);
    const { time } = await second.update();
    expect(performance.now() - opened).toBeLessThan(2500);
    await second[Symbol.asyncDispose]();
    await using third = await Events.open(serving.url);
    expect((await third.update()).time).toBe(time);
    // the turn of the first viewer's interval
    await sleep(4500);
  });
  expect(ofOthers).toBeGreaterThan(0);
  expect(ofOthers).toBeLessThanOrEqual(ofFirst);
});

it('a scrape is a point of the history, too', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.address, '--interval', '0.5');
  await serving.ask('/metrics');
  await sleep(1100);
  await serving.ask('/metrics');
  await sleep(500);
  await using events = await Events.open(serving.url);
  expect(await events.next()).toMatchObject({ event: 'history', data: { length: 2 } });
});

it('is asked when somebody asks whether the server is ready, at most every 5 s', async () => {
  await using serving = await Serving.start(commandLine, '-h', chronyd.socketPath, ...REPORTS);
  const requests = await requestsDuring(async () => {
    for (let i = 0; i < 5; i++) expect((await serving.ask('/readyz')).status).toBe(200);
  });
  expect(requests).toBe(20);
});
