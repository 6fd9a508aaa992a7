/** Waiting for synchronization, with a real chronyd that gains or loses a source, starts late or has only local mode. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BoundedClock,
  ChronyPermissionError,
  type ClockSynchronizedOptions,
  getTracking,
  type SynchronizedOptions,
  TrackingStatus,
  waitUntilSynchronized,
} from '../../../src/index.ts';
import { ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { NtpServer } from './ntp-server.ts';
import { until } from './status.ts';
import { TrueTime } from './true-time.ts';

const QUICK = { intervalMs: 50, timeoutMs: 500, retries: 0 };
/** The time, many intervals long, during which a call must stay pending. */
const WHILE_MS = 600;

const LOCAL = 'local stratum 5';

let server: Chronyd;
beforeAll(async () => {
  server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
});
afterAll(() => server?.stop());

function source(port = server.ntpPort): string {
  return `server 127.0.0.1 port ${port} iburst minpoll -2 maxpoll -2`;
}

function addSource(chronyd: Chronyd): Promise<string> {
  return chronyd.chronyc(['add', ...source().split(' ')]);
}

/** Expects a call to stay pending, and ends it by a signal. */
async function expectPending(wait: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const ended = new Error('that was long enough');
  const controller = new AbortController();
  const waiting = wait(controller.signal);
  const outcome = expect(waiting).rejects.toBe(ended);
  await Promise.race([waiting.catch(() => {}), sleep(WHILE_MS)]);
  controller.abort(ended);
  await outcome;
}

describe('waitUntilSynchronized()', () => {
  it('waits until chronyd follows a source', async () => {
    await using chronyd = await Chronyd.start();
    const options = { address: chronyd.address, ...QUICK };
    await expectPending((signal) => waitUntilSynchronized({ ...options, signal }));
    const waiting = waitUntilSynchronized(options);
    await addSource(chronyd);
    const status = await waiting;
    expect(status).toBeInstanceOf(TrackingStatus);
    expect(status.referenceIp).toBe('127.0.0.1');
    expect(status.isSynchronized()).toBe(true);
  });

  it('takes an address', async () => {
    await using chronyd = await Chronyd.start({ config: [source()] });
    expect((await waitUntilSynchronized(chronyd.address)).stratum).toBe(2);
  });

  it('accepts local mode as synchronized only with `allowLocal`', async () => {
    await using chronyd = await Chronyd.start({ config: [LOCAL] });
    const options = { address: chronyd.address, ...QUICK };
    const status = await waitUntilSynchronized({ ...options, allowLocal: true });
    expect(status.referenceIdName).toBe('127.127.1.1');
    // local mode reports a synchronized clock with hardly any error
    expect([status.isSynchronized(), status.maxError()]).toEqual([true, expect.closeTo(0, 5)]);
    await expectPending((signal) => waitUntilSynchronized({ ...options, maxError: 1, signal }));
    const waiting = waitUntilSynchronized(options);
    await addSource(chronyd);
    expect((await waiting).referenceIp).toBe('127.0.0.1');
  });

  it('waits if the source has stopped answering, although chronyd still reports that it follows the source', async () => {
    await using own = await Chronyd.start({ config: [LOCAL], serve: true });
    await using chronyd = await Chronyd.start({ config: [source(own.ntpPort)] });
    const options = { address: chronyd.address, ...QUICK };
    const { refTime } = await waitUntilSynchronized(options);
    own.freeze();
    await chronyd.until(async () => {
      const { refTime, updateInterval } = await getTracking(chronyd.address);
      return Date.now() / 1000 - refTime > 8 * Math.max(updateInterval, 0.25) + 1;
    });
    expect((await getTracking(chronyd.address)).isSynchronized()).toBe(true);
    await expectPending((signal) => waitUntilSynchronized({ ...options, signal }));
    const waiting = waitUntilSynchronized(options);
    own.thaw();
    expect((await waiting).refTime).toBeGreaterThan(refTime);
  });

  it('waits for a chronyd that has not started yet', async () => {
    const chronyd = await Chronyd.start({ config: [source()] });
    try {
      await chronyd.kill('SIGKILL');
      const options = { address: chronyd.address, ...QUICK };
      await expectPending((signal) => waitUntilSynchronized({ ...options, signal }));
      const waiting = waitUntilSynchronized(options);
      await chronyd.run();
      expect((await waiting).referenceIp).toBe('127.0.0.1');
    } finally {
      await chronyd.stop();
    }
  });

  it('waits until error, correction and skew are within their limits', async () => {
    // chronyd measures the error of the clock and does not correct it
    await using wrong = await NtpServer.start(new TrueTime(40));
    await using chronyd = await Chronyd.start({ config: [source(wrong.port)] });
    const options = { address: chronyd.address, ...QUICK };
    const limits = { maxError: 0.1, maxCorrection: 0.041, maxSkew: 1000 };
    const status = await waitUntilSynchronized({ ...options, ...limits });
    expect(status.maxError()).toBeLessThanOrEqual(0.1);
    expect(Math.abs(status.offset - 0.04)).toBeLessThan(0.001);
    expect(status.skew).toBeLessThanOrEqual(1000);
    await Promise.all(
      [{ maxError: 0.039 }, { maxCorrection: 0.039 }, { maxSkew: 1e-9 }].map((limit) =>
        expectPending((signal) => waitUntilSynchronized({ ...options, ...limits, ...limit, signal })),
      ),
    );
  });

  it('polls until the clock is synchronized, and then stops', async () => {
    await using mock = await startMockChronyd('unsynchronized');
    const waiting = waitUntilSynchronized({ address: mock.address, ...QUICK });
    await expect.poll(() => mock.requests.length).toBeGreaterThan(3);
    mock.scenario = scenario('synchronized', { tracking: { rootDispersion: 2 ** -6 } });
    expect((await waiting).rootDispersion).toBe(2 ** -6);
    const { length } = mock.requests;
    await sleep(4 * QUICK.intervalMs);
    expect(mock.requests.length).toBe(length);
  });

  it('uses the poll interval as the update interval if a burst had shorter intervals', async () => {
    const burst = { updateInterval: 2, refTime: Date.now() / 1000 - 30 };
    await using mock = await startMockChronyd(scenario('synchronized', { tracking: burst }));
    const options = { address: mock.address, ...QUICK };
    expect((await waitUntilSynchronized(options)).updateInterval).toBe(2);
    const often = ntpSource('192.0.2.1', { source: { state: 'selected', poll: 1 } });
    mock.scenario = scenario(mock.scenario, { sources: [often] });
    await expectPending((signal) => waitUntilSynchronized({ ...options, signal }));
  });

  it('ends immediately when the signal aborts, even while chronyd does not answer', async () => {
    await using silent = await startMockChronyd('silence');
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = waitUntilSynchronized({ address: silent.address, signal });
    await expect.poll(() => silent.requests.length).toBeGreaterThan(0);
    const ended = new Error('that was long enough');
    controller.abort(ended);
    await expect(Promise.race([waiting, sleep(3000)])).rejects.toBe(ended);
    await expect(waitUntilSynchronized({ address: silent.address, signal })).rejects.toBe(ended);
  });

  it('does not wait after an error that waiting cannot resolve', async () => {
    await expect(waitUntilSynchronized('127.0.0.1:port')).rejects.toMatchObject({
      code: 'ERR_CHRONY_ADDRESS',
    });
    await using mock = await startMockChronyd(scenario('synchronized', { unauthorized: ['tracking'] }));
    await expect(waitUntilSynchronized(mock.address)).rejects.toThrow(ChronyPermissionError);
  });

  it.each<[object, typeof TypeError, string]>([
    [{ maxError: -1 }, RangeError, 'maxError must be a number from 0 to 86400, not -1'],
    [{ maxError: '0.001' }, TypeError, 'maxError must be a number, not string'],
    [{ maxCorrection: Number.NaN }, RangeError, 'maxCorrection must be a number from 0 to 86400, not NaN'],
    [{ maxSkew: 2e6 }, RangeError, 'maxSkew must be a number from 0 to 1000000, not 2000000'],
    [{ intervalMs: 0 }, RangeError, 'intervalMs must be a number from 1 to 2147483647, not 0'],
    [{ allowLocal: 'yes' }, TypeError, 'allowLocal must be true or false, not string'],
    [{ signal: 1 }, TypeError, 'signal must be an AbortSignal'],
  ])('rejects the options %j', async (options, ErrorClass, message) => {
    const waiting = waitUntilSynchronized(options as SynchronizedOptions);
    await expect(waiting).rejects.toThrow(ErrorClass);
    await expect(waiting).rejects.toThrow(message);
  });
});

describe('clock.waitUntilSynchronized()', () => {
  it('waits until chronyd follows a source', async () => {
    await using chronyd = await Chronyd.start();
    await using clock = await BoundedClock.start({ address: chronyd.address, ...QUICK });
    await expectPending((signal) => clock.waitUntilSynchronized({ signal }));
    const waiting = clock.waitUntilSynchronized();
    await addSource(chronyd);
    const time = await waiting;
    expect(time.status).toBe('synchronized');
    expect(time.latest).toBeGreaterThan(time.earliest);
  });

  it('accepts local mode as synchronized only with `allowLocal`', async () => {
    await using chronyd = await Chronyd.start({ config: [LOCAL] });
    const options = { address: chronyd.address, ...QUICK };
    await using clock = await BoundedClock.start(options);
    await expectPending((signal) => clock.waitUntilSynchronized({ signal }));
    await using allowed = await BoundedClock.start({ ...options, allowLocal: true });
    expect((await allowed.waitUntilSynchronized()).status).toBe('synchronized');
  });

  it('waits until the bound is within the limit', async () => {
    await using wrong = await NtpServer.start(new TrueTime(40));
    await using chronyd = await Chronyd.start({ config: [source(wrong.port)] });
    await using clock = await BoundedClock.start({ address: chronyd.address, ...QUICK });
    for (const maxErrorBoundNs of [200_000_000n, 200_000_000]) {
      const { errorBoundNs } = await clock.waitUntilSynchronized({ maxErrorBoundNs });
      expect(errorBoundNs).toBeLessThanOrEqual(maxErrorBoundNs);
    }
    for (const maxErrorBoundNs of [39_000_000n, 39_000_000, 0]) {
      await expectPending((signal) => clock.waitUntilSynchronized({ maxErrorBoundNs, signal }));
    }
  });

  it('waits while the clock is free running', async () => {
    await using own = await Chronyd.start({ config: [LOCAL], serve: true });
    await using chronyd = await Chronyd.start({ config: [source(own.ntpPort)] });
    await using clock = await BoundedClock.start({ address: chronyd.address, ...QUICK });
    await until(clock, 'synchronized');
    own.freeze();
    await until(clock, 'freeRunning');
    await expectPending((signal) => clock.waitUntilSynchronized({ signal }));
    const waiting = clock.waitUntilSynchronized();
    own.thaw();
    expect((await waiting).status).toBe('synchronized');
  });

  it('ends when the clock is closed or when the signal of its start aborts', async () => {
    await using mock = await startMockChronyd('unsynchronized');
    const clock = await BoundedClock.start({ address: mock.address, intervalMs: 4000 });
    const closed = { code: 'ERR_CHRONY_CLOSED' };
    const waiting = expect(clock.waitUntilSynchronized()).rejects.toMatchObject(closed);
    await clock.close();
    await waiting;
    await expect(clock.waitUntilSynchronized()).rejects.toMatchObject(closed);

    const controller = new AbortController();
    const { signal } = controller;
    await using other = await BoundedClock.start({ address: mock.address, intervalMs: 4000, signal });
    const outcome = expect(Promise.race([other.waitUntilSynchronized(), sleep(3000)])).rejects.toThrow(
      'enough',
    );
    controller.abort(new Error('enough'));
    await outcome;
  });

  it.each<[object, typeof TypeError, string]>([
    [{ maxErrorBoundNs: -1 }, RangeError, 'maxErrorBoundNs must be zero or more, not -1'],
    [{ maxErrorBoundNs: Number.NaN }, RangeError, 'maxErrorBoundNs must be zero or more, not NaN'],
    [
      { maxErrorBoundNs: '1' },
      TypeError,
      'maxErrorBoundNs must be a bigint or a number, nanoseconds, not string',
    ],
    [{ signal: {} }, TypeError, 'signal must be an AbortSignal'],
  ])('rejects the options %j', async (options, ErrorClass, message) => {
    await using mock = await startMockChronyd('synchronized');
    await using clock = await BoundedClock.start(mock.address);
    const waiting = clock.waitUntilSynchronized(options as ClockSynchronizedOptions);
    await expect(waiting).rejects.toThrow(ErrorClass);
    await expect(waiting).rejects.toThrow(message);
  });
});
