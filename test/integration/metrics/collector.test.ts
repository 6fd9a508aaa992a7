/** One snapshot for all who want one at the same time, in bounded time whatever chronyd does. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { ChronyConnectionError, ChronyPermissionError, ChronyTimeoutError } from '../../../src/index.ts';
import { Collector, type SharedCollectorOptions } from '../../../src/metrics/collector.ts';
import { REPORTS, type Snapshot, type SnapshotName } from '../../../src/metrics/snapshot.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';

function errorsOf({ reports }: Snapshot): readonly unknown[] {
  return Object.values(reports).map(({ error }) => error);
}

it('has a real chronyd say all that it says, and tells once of what it refuses', async () => {
  await using chronyd = await Chronyd.start();
  const refused: SnapshotName[] = [];
  const onRefused = (name: SnapshotName): void => void refused.push(name);
  await using collector = new Collector({ address: chronyd.address, onRefused });
  const [one, same] = await Promise.all([collector.take(), collector.take()]);
  expect(same).toBe(one);
  expect(await collector.take(60_000)).toBe(one);
  const again = await collector.take();
  expect(again).not.toBe(one);
  for (const { reports } of [one, again]) {
    expect(Object.keys(reports).toSorted()).toEqual([...REPORTS].toSorted());
    expect(reports.tracking?.value?.stratum).toBeTypeOf('number');
    expect(reports.serverstats?.error).toBeInstanceOf(ChronyPermissionError);
  }
  expect(refused.toSorted()).toEqual(REPORTS.filter((name) => one.reports[name]?.error).toSorted());
});

it('ends in its time, though chronyd is frozen, and goes on when chronyd does', async () => {
  await using chronyd = await Chronyd.start();
  await using collector = new Collector({
    address: chronyd.address,
    reports: ['tracking', 'sources'],
    // by itself a request would take for ever
    timeoutMs: 600_000,
    limitMs: 2000,
  });
  await collector.take();
  chronyd.freeze();
  for (const error of errorsOf(await collector.take())) expect(error).toBeInstanceOf(ChronyTimeoutError);
  chronyd.thaw();
  expect(errorsOf(await collector.take())).toEqual([null, null]);
});

it("ends in its time under a test's fake timers, too", async () => {
  await using server = await startMockChronyd(scenario('synchronized', { faults: { silent: true } }));
  await using collector = new Collector({ address: server.address, reports: ['tracking'], limitMs: 300 });
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const snapshot = await collector.take();
  expect(snapshot.seconds).toBeGreaterThan(0.29);
  expect(snapshot.seconds).toBeLessThan(3);
  expect(snapshot.reports.tracking?.error).toMatchObject({ message: expect.stringContaining('in 300 ms') });
});

it('outlives the chronyd that it asks', async () => {
  await using chronyd = await Chronyd.start();
  await using collector = new Collector({ address: chronyd.address, reports: ['activity'] });
  await collector.take();
  await chronyd.kill('SIGKILL');
  expect(errorsOf(await collector.take())).toEqual([expect.any(Error)]);
  await chronyd.run();
  expect(errorsOf(await collector.take())).toEqual([null]);
});

it('goes on with the rest where chronyd refuses only what it is asked for first', async () => {
  await using server = await startMockChronyd(scenario('synchronized', { unauthorized: ['tracking'] }));
  await using collector = new Collector({ address: server.address, reports: ['tracking', 'sources'] });
  for (const { reports } of [await collector.take(), await collector.take()]) {
    expect(reports.tracking?.error).toBeInstanceOf(ChronyPermissionError);
    expect(reports.sources?.value?.length).toBeGreaterThan(0);
  }
});

it('ends sooner for who has less time, and not for the others; what is refused is no failure then either', async () => {
  await using chronyd = await Chronyd.start();
  await using collector = new Collector({ address: chronyd.address, reports: ['tracking', 'serverstats'] });
  await collector.take();
  chronyd.freeze();
  const whole = collector.take();
  const { reports, seconds } = await collector.take(0, 100);
  expect(seconds).toBe(0.1);
  expect(reports.tracking?.error).toBeInstanceOf(ChronyTimeoutError);
  expect(reports.serverstats?.error).toBeInstanceOf(ChronyPermissionError);
  chronyd.thaw();
  expect((await whole).reports.tracking?.error).toBeNull();
});

it.each<[what: string, options: unknown, error: unknown]>([
  ['an unknown report', { reports: ['sourcename'] }, RangeError],
  ['reports that are no array', { reports: 'tracking' }, TypeError],
  ['no time', { limitMs: 0 }, RangeError],
  ['more time than a timer can run', { limitMs: 2 ** 31 }, RangeError],
  ['a time that is no number', { limitMs: '1000' }, TypeError],
  ['no function to call', { onRefused: 'warn' }, TypeError],
  ['an option of the connection', { retries: -1 }, RangeError],
  ['an address that cannot be read', { address: 'a:b:c' }, ChronyConnectionError],
])('refuses %s at once', (_, options, error) => {
  expect(() => new Collector(options as SharedCollectorOptions)).toThrow(error as typeof Error);
});

it('asks for a report once that is wanted twice', () => {
  expect(new Collector({ reports: ['sources', 'tracking', 'sources'] }).reports).toEqual([
    'tracking',
    'sources',
  ]);
});
