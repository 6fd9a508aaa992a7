/** The collector shares one snapshot between concurrent callers, and limits its time in every state of chronyd. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { ChronyConnectionError, ChronyPermissionError, ChronyTimeoutError } from '../../../src/index.ts';
import { Collector, type SharedCollectorOptions } from '../../../src/metrics/collector.ts';
import { REPORTS, type Snapshot, type SnapshotName } from '../../../src/metrics/snapshot.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';

function errorsOf({ reports }: Snapshot): readonly unknown[] {
  return Object.values(reports).map(({ error }) => error);
}

it('collects all reports of a real chronyd and calls `onRefused` once per refused report', async () => {
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

it('ends within its limit while chronyd is frozen, and recovers with chronyd', async () => {
  await using chronyd = await Chronyd.start();
  await using collector = new Collector({
    address: chronyd.address,
    reports: ['tracking', 'sources'],
    // without the limit a request would hardly ever end
    timeoutMs: 600_000,
    limitMs: 2000,
  });
  await collector.take();
  chronyd.freeze();
  for (const error of errorsOf(await collector.take())) expect(error).toBeInstanceOf(ChronyTimeoutError);
  chronyd.thaw();
  expect(errorsOf(await collector.take())).toEqual([null, null]);
});

it('ends within its limit even with fake timers', async () => {
  await using server = await startMockChronyd(scenario('synchronized', { faults: { silent: true } }));
  await using collector = new Collector({ address: server.address, reports: ['tracking'], limitMs: 300 });
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const snapshot = await collector.take();
  expect(snapshot.seconds).toBeGreaterThan(0.29);
  expect(snapshot.seconds).toBeLessThan(3);
  expect(snapshot.reports.tracking?.error).toMatchObject({ message: expect.stringContaining('in 300 ms') });
});

it('survives a restart of chronyd', async () => {
  await using chronyd = await Chronyd.start();
  await using collector = new Collector({ address: chronyd.address, reports: ['activity'] });
  await collector.take();
  await chronyd.kill('SIGKILL');
  expect(errorsOf(await collector.take())).toEqual([expect.any(Error)]);
  await chronyd.run();
  expect(errorsOf(await collector.take())).toEqual([null]);
});

it('collects the other reports if chronyd refuses the first one', async () => {
  await using server = await startMockChronyd(scenario('synchronized', { unauthorized: ['tracking'] }));
  await using collector = new Collector({ address: server.address, reports: ['tracking', 'sources'] });
  for (const { reports } of [await collector.take(), await collector.take()]) {
    expect(reports.tracking?.error).toBeInstanceOf(ChronyPermissionError);
    expect(reports.sources?.value?.length).toBeGreaterThan(0);
  }
});

it('ends sooner only for a caller with a shorter limit, and still reports refusals as refusals', async () => {
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
  ['reports that are not an array', { reports: 'tracking' }, TypeError],
  ['a limit of 0', { limitMs: 0 }, RangeError],
  ['a limit above the maximum of a timer', { limitMs: 2 ** 31 }, RangeError],
  ['a limit that is not a number', { limitMs: '1000' }, TypeError],
  ['a callback that is not a function', { onRefused: 'warn' }, TypeError],
  ['an invalid option of the connection', { retries: -1 }, RangeError],
  ['an invalid address', { address: 'a:b:c' }, ChronyConnectionError],
])('rejects %s immediately', (_, options, error) => {
  expect(() => new Collector(options as SharedCollectorOptions)).toThrow(error as typeof Error);
});

it('ignores duplicate report names', () => {
  expect(new Collector({ reports: ['sources', 'tracking', 'sources'] }).reports).toEqual([
    'tracking',
    'sources',
  ]);
});
