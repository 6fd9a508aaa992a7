/** The pages of single clocks, which are queried only while a viewer is connected. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMockChronyd } from '../../../../src/testing/index.ts';
import { Chronyd } from '../../../support/chronyd.ts';
import { CommandLine } from '../../cli/support.ts';
import { Events } from '../events.ts';
import type { Serving } from '../serving.ts';
import { ManyClocks, startFleet, TargetsFile } from './support.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start({ config: ['local stratum 5'] });
});
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
});

function pathOf(address: string): string {
  return `/clock/${encodeURIComponent(address)}/`;
}

/** Opens the events of a clock's page. */
function watch(serving: Serving, address: string, from?: string): Promise<Events> {
  return Events.open(new URL(pathOf(address), serving.url).href, from === undefined ? {} : { from });
}

/** The request for `activity`, which only a clock's own page needs. */
const ACTIVITY = 44;

it('queries the clock only while a viewer is connected', async () => {
  await using mock = await startMockChronyd('synchronized');
  const activity = (): number => mock.requests.filter(({ code }) => code === ACTIVITY).length;
  await using serving = await startFleet(commandLine, mock.address);
  await serving.ready();
  // the page's files need no query
  await serving.ask(pathOf(mock.address));
  await serving.ask(`${pathOf(mock.address)}page.js`);
  expect(activity()).toBe(0);
  {
    await using events = await watch(serving, mock.address);
    await events.update(({ health }) => health.state === 'ok');
    await events.update();
    expect(activity()).toBeGreaterThanOrEqual(2);
  }
  // the fleet is still queried, but not for the page
  await expect
    .poll(
      async () => {
        const before = activity();
        const requests = mock.requests.length;
        await expect.poll(() => mock.requests.length, { timeout: 60_000 }).toBeGreaterThan(requests + 6);
        return activity() - before;
      },
      { timeout: 100_000 },
    )
    .toBe(0);
  await using again = await watch(serving, mock.address);
  await again.update(({ health }) => health.state === 'ok');
});

it('ends the events when the clock is no longer a target', async () => {
  using file = new TargetsFile(chronyd.address, '127.0.0.1:9');
  await using serving = await startFleet(commandLine, '--targets', file.path);
  await using events = await watch(serving, chronyd.address);
  await events.update();
  file.write('127.0.0.1:9');
  serving.kill('SIGHUP');
  let message = await events.next();
  while (message !== null) message = await events.next();
  const { status, text } = await serving.ask(`${pathOf(chronyd.address)}events`);
  expect([status, text]).toEqual([
    404,
    `"${chronyd.address}" is not a target of this fleet; its targets are at /sd\n`,
  ]);
});

it('limits the pages to 64 clocks at the same time, and replaces a clock without viewers', async () => {
  await using clocks = await ManyClocks.start();
  const addresses = clocks.targets(67);
  using file = new TargetsFile(...addresses);
  await using serving = await startFleet(commandLine, '--targets', file.path, '--sources-interval', '3600');
  await serving.ready();
  const [first = '', second = '', third = '', ...others] = addresses;
  const status = async (address: string): Promise<number> =>
    (await serving.ask(`${pathOf(address)}api/activity`)).status;
  // this page has no viewer afterwards
  expect(await status(first)).toBe(504);
  const viewers = await Promise.all(
    others.map((address, i) => watch(serving, address, `127.0.2.${1 + Math.floor(i / 30)}`)),
  );
  try {
    // all 64 pages have viewers
    for (const { response } of viewers) expect(response.statusCode).toBe(200);
    const { status: refused, text } = await serving.ask(`${pathOf(second)}events`);
    expect([refused, text]).toEqual([503, 'the pages of 64 clocks are open already; close an unused one\n']);
    viewers[0]?.response.destroy();
    await expect.poll(() => status(third)).toBe(504);
  } finally {
    for (const { response } of viewers) response.destroy();
  }
});
