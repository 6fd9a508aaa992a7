/** A scrape gets a reply within its timeout, in every state of chronyd. */
import { beforeAll, describe, expect, it } from 'vitest';
import { waitLimitMs } from '../../../src/server/metrics.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { CommandLine } from '../cli/support.ts';
import { Events } from './events.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
beforeAll(async () => {
  commandLine = await CommandLine.build();
});

describe('the wait limit for a scrape timeout', () => {
  it.each([
    ['10', 9000],
    ['1', 900],
    ['0.5', 400],
    ['0.1', 50],
    ['1e9', 27_000],
    ['', 5000],
    ['0', 5000],
    ['-1', 5000],
    ['soon', 5000],
    ['Infinity', 27_000],
  ])('of %j seconds is %d ms', (seconds, ms) => {
    expect(waitLimitMs({ header: () => seconds })).toBeCloseTo(ms);
  });
});

it('replies in time while chronyd is frozen, and recovers afterwards', async () => {
  await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
  // with this timeout alone, the server would wait for a minute
  await using serving = await Serving.start(
    commandLine,
    ...['-h', chronyd.address, '--timeout', '20000', '--interval', '0.5', '--reports', 'tracking,sources'],
  );
  await serving.ready();
  expect((await serving.ask('/metrics')).text).toMatch(/^chrony_up 1$/m);
  await using events = await Events.open(serving.url);
  chronyd.freeze();
  await events.update(({ reports }) => reports.tracking === undefined);
  const headers = { 'x-prometheus-scrape-timeout-seconds': '0.5' };
  const scrapes = await Promise.all(Array.from({ length: 20 }, () => serving.ask('/metrics', { headers })));
  for (const { status, text } of scrapes)
    expect([status, text]).toEqual([200, expect.stringMatching(/^chrony_up 0$/m)]);
  const report = await serving.ask('/api/tracking', { headers });
  expect([report.status, JSON.parse(report.text).error.code]).toEqual([504, 'ERR_CHRONY_TIMEOUT']);
  expect((await serving.ask('/healthz')).status).toBe(200);
  expect((await serving.ask('/readyz')).status).toBe(503);
  chronyd.thaw();
  await serving.ready();
  expect((await serving.ask('/metrics')).text).toMatch(/^chrony_up 1$/m);
});

it('replies to a scrape at its wait limit, before the snapshot is complete', async () => {
  await using chronyd = await Chronyd.start();
  await using serving = await Serving.start(
    commandLine,
    ...['-h', chronyd.address, '--timeout', '20000', '--interval', '60', '--reports', 'tracking'],
  );
  await serving.ready();
  chronyd.freeze();
  const message = async (seconds: string): Promise<string> => {
    const headers = { 'x-prometheus-scrape-timeout-seconds': seconds };
    return (await serving.ask('/api/tracking', { headers })).text;
  };
  // the last snapshot is used for a second, so the first replies may still come from it
  await expect.poll(() => message('0.5')).toContain('within 400 ms');
  await expect.poll(() => message('20')).toContain('in 4000 ms');
});
