/** A bounded clock with a real chronyd that starts, stops, freezes and loses its source. */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import {
  BoundedClock,
  type BoundedClockOptions,
  ChronyConnectionError,
  ChronyError,
  type ClockStatus,
} from '../../../src/index.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { vmClockPage } from '../../unit/clock/vm-clock-page.ts';
import { change, until } from './status.ts';

const QUICK = { intervalMs: 50, timeoutMs: 500, retries: 0 };

let server: Chronyd;
beforeAll(async () => {
  server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
});
afterAll(() => server?.stop());

/** A chronyd that follows the server closely. */
function follower(config: readonly string[] = []): Promise<Chronyd> {
  const source = `server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -2`;
  return Chronyd.start({ config: [source, ...config] });
}

function thrown(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('the start', () => {
  it.each<[object, typeof TypeError, string]>([
    [{ maxDriftPpm: -1 }, RangeError, 'maxDriftPpm must be a number from 0 to 100000, not -1'],
    [{ maxDriftPpm: '50' }, TypeError, 'maxDriftPpm must be a number, not string'],
    [{ intervalMs: 0 }, RangeError, 'intervalMs must be a number from 1 to 4000, not 0'],
    [{ intervalMs: 4001 }, RangeError, 'intervalMs'],
    [{ allowLocal: 1 }, TypeError, 'allowLocal must be true or false, not number'],
    [{ timeoutMs: 0 }, RangeError, 'timeoutMs'],
    [{ address: 323 }, TypeError, 'address must be a string'],
  ])('rejects the options %j', async (options, ErrorClass, message) => {
    const start = BoundedClock.start(options as BoundedClockOptions);
    await expect(start).rejects.toThrow(ErrorClass);
    await expect(start).rejects.toThrow(message);
  });

  it('rejects an invalid address', async () => {
    const start = BoundedClock.start('127.0.0.1:port');
    await expect(start).rejects.toMatchObject({ code: 'ERR_CHRONY_ADDRESS' });
  });

  it('can be aborted by a signal', async () => {
    await using silent = await startMockChronyd('silence');
    const controller = new AbortController();
    const start = BoundedClock.start({ address: silent.address, signal: controller.signal });
    await expect.poll(() => silent.requests.length).toBeGreaterThan(0);
    controller.abort(new Error('enough'));
    await expect(start).rejects.toThrow('enough');
    await expect(BoundedClock.start({ signal: controller.signal })).rejects.toThrow('enough');
  });

  it.each(['address', 'socketPath'] as const)(
    'succeeds without a chronyd; a chronyd that starts later is found by its %s',
    async (where) => {
      const chronyd = await follower();
      try {
        await chronyd.kill('SIGKILL');
        await using clock = await BoundedClock.start({ address: chronyd[where], ...QUICK });
        expect(clock.status).toBe('unknown');
        expect(clock.reason).toContain(chronyd[where]);
        const error = thrown(() => clock.now());
        expect(error).toBeInstanceOf(ChronyError);
        expect(error).toMatchObject({
          code: 'ERR_CHRONY_NO_BOUND',
          message: `the time is unknown: ${clock.reason}`,
        });
        const found = change(clock, 'synchronized');
        await chronyd.run();
        expect(await found).toEqual(['synchronized', 'unknown', 'chronyd follows 127.0.0.1']);
        expect(clock.now().status).toBe('synchronized');
      } finally {
        await chronyd.stop();
      }
    },
  );

  it('succeeds if chronyd does not answer', async () => {
    await using silent = await startMockChronyd('silence');
    await using clock = await BoundedClock.start({ address: silent.address, ...QUICK });
    expect(clock.status).toBe('unknown');
    expect(clock.reason).toMatch(/^tracking from .*: no answer in 500 ms/);
  });

  it('trusts local mode only with `allowLocal`', async () => {
    await using clock = await BoundedClock.start(server.address);
    expect(clock.status).toBe('unknown');
    expect(() => clock.now()).toThrow(/local mode \(127\.127\.1\.1\).*allowLocal/);
    await using allowed = await BoundedClock.start({ address: server.address, allowLocal: true });
    expect(allowed.status).toBe('synchronized');
  });
});

describe('the bound', () => {
  it("is the larger of |system time| + root dispersion + root delay / 2 and the last measurement's bound", async () => {
    await using chronyd = await follower();
    await chronyd.untilSynchronized();
    await using frozen = await FrozenChronyd.of(chronyd);
    let narrowest = 10n ** 18n;
    for (let round = 0; round < 5; round++) {
      frozen.refresh();
      const before = Date.now();
      await using clock = await BoundedClock.start({ address: frozen.address, maxDriftPpm: 0 });
      const { errorBoundNs, midpoint, earliest, latest, asOfAgeMs } = clock.now();
      const printed = await installedChronyc().printAt(frozen.port, '-c', 'tracking');
      const [offset = 0, delay = 0, dispersion = 0] = [4, 10, 11].map((column) =>
        Number(printed.split(',')[column]),
      );
      const sources = await installedChronyc().printAt(frozen.port, '-c', 'sources');
      const [measured = 0, , error = 0] = sources.trim().split(',').slice(-3).map(Number);
      // the offset of a source is positive if the clock is fast
      const alone = Math.abs(offset - measured) + error;
      const bound = Math.max(Math.abs(offset) + dispersion + delay / 2, alone) * 1e9;
      // chronyc rounds each of the three values to whole nanoseconds; we round their sum up
      expect(Math.abs(Number(errorBoundNs) - bound - 0.5)).toBeLessThan(0.5 + 1.25 + 0.01);
      expect(latest - midpoint).toBe(midpoint - earliest);
      const more = latest - midpoint - errorBoundNs;
      if (more < narrowest) narrowest = more;
      expect(midpoint / 1_000_000n).toBeGreaterThan(BigInt(before - 1000));
      expect(midpoint / 1_000_000n).toBeLessThan(BigInt(Date.now() + 1000));
      expect(asOfAgeMs).toBeGreaterThan(0);
    }
    // one millisecond of the wall clock, if the process is not delayed between two readings
    expect(narrowest).toBeLessThanOrEqual(1_100_000n);
  });

  it('grows with the time since the last reply of chronyd', async () => {
    await using frozen = await FrozenChronyd.of(server);
    // the age of the reply stays below the limits of the clock
    const options = { address: frozen.address, allowLocal: true, intervalMs: 4000 };
    await using exact = await BoundedClock.start({ ...options, maxDriftPpm: 0 });
    await using clock = await BoundedClock.start({ ...options, maxDriftPpm: 1000 });
    for (let i = 0; i < 3; i++) {
      const { errorBoundNs, asOfAgeMs } = clock.now();
      const drift = Number(errorBoundNs - exact.now().errorBoundNs);
      // 1000 ppm are one nanosecond per microsecond
      expect(Math.abs(drift - asOfAgeMs * 1000)).toBeLessThanOrEqual(1);
      await sleep(30);
    }
  });
});

it('the bound includes the error of a PTP hardware clock while that clock is the reference', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ptp-'));
  try {
    mkdirSync(join(folder, 'ptp0/device'), { recursive: true });
    writeFileSync(join(folder, 'ptp0/device/phc_error_bound'), '3000000\n');
    for (const [refid, more] of [
      ['PHC0', 3_000_000],
      ['GPS', 0],
    ] as const) {
      await using chronyd = await Chronyd.start({
        config: [`refclock SOCK {dir}/ref.sock refid ${refid} poll 0`],
      });
      using _ = await FedClock.start(join(chronyd.dir, 'ref.sock'), 0);
      await chronyd.untilSynchronized();
      await using frozen = await FrozenChronyd.of(chronyd);
      const options = { address: frozen.address, maxDriftPpm: 0 };
      await using plain = await BoundedClock.start({
        ...options,
        devices: { hardwareClocks: join(folder, 'none') },
      });
      await using clock = await BoundedClock.start({ ...options, devices: { hardwareClocks: folder } });
      expect(Number(clock.now().errorBoundNs - plain.now().errorBoundNs)).toBe(more);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('the status', () => {
  it('follows a chronyd that loses its source, freezes and restarts', async () => {
    await using chronyd = await follower();
    await chronyd.untilSynchronized();
    await using clock = await BoundedClock.start({ address: chronyd.address, ...QUICK });
    await until(clock, 'synchronized');

    const lost = change(clock, 'freeRunning');
    server.freeze();
    try {
      expect(await lost).toEqual([
        'freeRunning',
        'synchronized',
        expect.stringMatching(/^chronyd has not updated the clock for \d+ s, .* \d\.\d s apart/),
      ]);
      const { errorBoundNs, asOfAgeMs } = clock.now();
      await sleep(100);
      const later = clock.now();
      expect(later.status).toBe('freeRunning');
      expect(later.asOfAgeMs).toBeGreaterThan(asOfAgeMs + 98);
      expect(later.errorBoundNs).toBeGreaterThan(errorBoundNs);
    } finally {
      server.thaw();
    }
    await until(clock, 'synchronized');
    expect(clock.reason).toBe('chronyd follows 127.0.0.1');

    const silent = change(clock, 'freeRunning');
    chronyd.freeze();
    const silence = /^no answer from chronyd for more than 5 s: tracking from .*: no answer in 500 ms/;
    expect(await silent).toEqual(['freeRunning', 'synchronized', expect.stringMatching(silence)]);
    chronyd.thaw();
    await until(clock, 'synchronized');

    const restarted = change(clock, 'freeRunning');
    await chronyd.kill('SIGKILL');
    await chronyd.run();
    // the reason is the state that the clock observes first
    expect((await restarted)[2]).toMatch(
      /^(?:chronyd is not synchronized|no answer from chronyd for more than 5 s)/,
    );
    await until(clock, 'synchronized');
  });

  it('changes without a call to the clock and without a reply of chronyd', async () => {
    await using chronyd = await follower();
    await chronyd.untilSynchronized();
    await using clock = await BoundedClock.start({ address: chronyd.address, timeoutMs: 60_000 });
    await until(clock, 'synchronized');
    const changed = change(clock, 'freeRunning');
    chronyd.freeze();
    expect((await changed).slice(0, 2)).toEqual(['freeRunning', 'synchronized']);
  });

  it('is disrupted after the virtual machine was paused, until chronyd has made new measurements', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vmclock-'));
    try {
      const vmClock = join(folder, 'vmclock0');
      writeFileSync(vmClock, vmClockPage(1n));
      await using chronyd = await follower();
      await chronyd.untilSynchronized();
      await using clock = await BoundedClock.start({
        address: chronyd.address,
        ...QUICK,
        devices: { vmClock },
      });
      await until(clock, 'synchronized');
      const disrupted = change(clock, 'disrupted');
      const recovered = change(clock, 'synchronized');
      writeFileSync(vmClock, vmClockPage(2n));
      const reason = expect.stringMatching(/^the virtual machine was paused, cloned or migrated .*; wait /);
      expect(await disrupted).toEqual(['disrupted', 'synchronized', reason]);
      const waited = clock.waitUntilSynchronized();
      expect((await recovered).slice(0, 2)).toEqual(['synchronized', 'disrupted']);
      expect((await waited).status).toBe('synchronized');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is immediately unknown if chronyd reports an impossible value', async () => {
    await using mock = await startMockChronyd('synchronized');
    await using clock = await BoundedClock.start({ address: mock.address, ...QUICK });
    expect(clock.status).toBe('synchronized');
    for (const [tracking, reason] of [
      [
        { refTime: Date.now() / 1000 + 86_400 },
        /^chronyd reports an impossible value: .* 86\d{3}\.\d s in the future; /,
      ],
      [{ refTime: 0 }, /^chronyd reports an impossible value: its reference time is 0, /],
    ] as const) {
      const unknown = change(clock, 'unknown');
      mock.scenario = scenario('synchronized', { tracking });
      expect((await unknown)[2]).toMatch(reason);
      mock.scenario = scenario('synchronized');
      await until(clock, 'synchronized');
    }
  });

  it('is immediately unknown if the leap status is invalid', async () => {
    let leap = false;
    await using mock = await startMockChronyd(scenario('synchronized'), {
      intercept: (request) => (leap ? [encodeReply(5, request, { 'leap status': 4 })] : undefined),
    });
    await using clock = await BoundedClock.start({ address: mock.address, ...QUICK });
    expect(clock.status).toBe('synchronized');
    const unknown = change(clock, 'unknown');
    leap = true;
    expect((await unknown)[2]).toMatch(/^tracking from .*: invalid leapStatus: unknown \(4\)/);
  });

  it('may have any number of listeners', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    try {
      await using clock = await BoundedClock.start(server.address);
      for (let count = 0; count < 100; count++) clock.on('status', () => {});
      // a warning is emitted one tick later
      await sleep(10);
      expect(warnings).toEqual([]);
    } finally {
      process.off('warning', note);
    }
  });

  it('is passed to every listener, even if one of them throws', async () => {
    await using mock = await startMockChronyd('synchronized');
    mock.pause();
    await using clock = await BoundedClock.start({ address: mock.address, ...QUICK, timeoutMs: 50 });
    clock.on('status', () => {
      throw new Error('a bad listener');
    });
    const heard: ClockStatus[] = [];
    clock.on('status', (status) => heard.push(status));
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    try {
      const uncaught = once(process, 'uncaughtException');
      mock.resume();
      expect(await uncaught).toContainEqual(new Error('a bad listener'));
      await expect.poll(() => heard).toEqual(['synchronized']);
    } finally {
      for (const other of others) process.on('uncaughtException', other);
    }
  });

  it('has listeners that can be added, added for one event, and removed', async () => {
    await using clock = await BoundedClock.start(server.address);
    const listener = (): void => {};
    expect(clock.on('status', listener).once('status', listener).off('status', listener)).toBe(clock);
    expectTypeOf(clock.on).parameter(1).parameters.toEqualTypeOf<[ClockStatus, ClockStatus, string]>();
  });
});

describe('moments', () => {
  let clock: BoundedClock;
  beforeAll(async () => {
    clock = await BoundedClock.start({ address: server.address, allowLocal: true, ...QUICK });
  });
  afterAll(() => clock?.close());

  it('are before, after, or neither', () => {
    const { earliest, latest } = clock.now();
    const hour = 3_600_000_000_000n;
    expect([earliest - 1n, latest + hour].map((moment) => clock.after(moment))).toEqual([true, false]);
    expect([earliest - 1n, latest + hour].map((moment) => clock.before(moment))).toEqual([false, true]);
  });

  it('in the past have an interval that overlaps the one at that time', async () => {
    // the clock has no history for the millisecond in which it was started
    await sleep(2);
    const then = clock.now();
    await sleep(500);
    const time = clock.at(then.midpoint);
    expect(time.midpoint).toBe(then.midpoint);
    expect(time.status).toBe('synchronized');
    expect(time.earliest).toBeLessThan(then.latest);
    expect(time.latest).toBeGreaterThan(then.earliest);
    expect(time.asOfAgeMs).toBeLessThan(500);
    expect(clock.at(BigInt(Date.now()) * 1_000_000n).errorBoundNs).toBeGreaterThan(0n);
  });

  it('are rejected if they are in the future or too far in the past', () => {
    const { midpoint } = clock.now();
    const second = 1_000_000_000n;
    for (const ns of [10n * second, -1001n * second]) {
      const error = thrown(() => clock.at(midpoint + ns));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: expect.stringContaining('must be in the last 1000 s') });
    }
    expect(thrown(() => clock.at(midpoint - 990n * second))).toMatchObject({
      code: 'ERR_CHRONY_NO_BOUND',
      message: expect.stringMatching(/is unknown: there was no bound before .*, because chronyd has not/),
    });
  });

  it('can be waited for', async () => {
    for (const ms of [0n, 1n, 20n, 200n]) {
      const moment = clock.now().latest + ms * 1_000_000n;
      await clock.waitUntilAfter(moment);
      expect(clock.now().earliest).toBeGreaterThan(moment);
    }
    await clock.waitUntilAfter(0n);
  });

  it('are rejected if they are not bigints', async () => {
    const moment = 1 as unknown as bigint;
    const message = 'the moment must be a bigint, nanoseconds since the epoch, not number';
    expect(() => clock.before(moment)).toThrow(message);
    expect(() => clock.after(moment)).toThrow(TypeError);
    expect(() => clock.at(moment)).toThrow(message);
    await expect(clock.waitUntilAfter(moment)).rejects.toThrow(message);
  });

  it('can be waited for until a signal aborts', async () => {
    const controller = new AbortController();
    const far = clock.now().latest + 10n ** 18n;
    const waiting = clock.waitUntilAfter(far, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(clock.waitUntilAfter(0n, { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('cannot be waited for while the time is unknown', async () => {
    await using unknown = await BoundedClock.start(server.address);
    await expect(unknown.waitUntilAfter(0n)).rejects.toMatchObject({ code: 'ERR_CHRONY_NO_BOUND' });
    expect(thrown(() => unknown.at(0n))).toMatchObject({ code: 'ERR_CHRONY_NO_BOUND' });
  });
});

describe('the end', () => {
  const closed = {
    code: 'ERR_CHRONY_CLOSED',
    message: expect.stringMatching(/clock is closed; start another/),
  };

  it('closing the clock ends all pending calls', async () => {
    const clock = await BoundedClock.start({ address: server.address, allowLocal: true, ...QUICK });
    clock.on('status', () => expect.unreachable());
    const waiting = clock.waitUntilAfter(clock.now().latest + 10n ** 18n);
    await Promise.all([expect(waiting).rejects.toMatchObject(closed), clock.close(), clock.close()]);
    expect(thrown(() => clock.now())).toMatchObject(closed);
    expect(thrown(() => clock.at(0n))).toMatchObject(closed);
    expect(thrown(() => clock.now())).toBeInstanceOf(ChronyConnectionError);
    expect([clock.status, clock.reason]).toEqual(['unknown', 'the clock is closed']);
  });

  it('listeners are not called after closing, even for a change that was detected just before', async () => {
    await using mock = await startMockChronyd('synchronized');
    const clock = await BoundedClock.start({ address: mock.address, intervalMs: 4000 });
    const heard: ClockStatus[] = [];
    clock.on('status', (status) => heard.push(status));
    // the thread is blocked, so no timer can detect the change of the status
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5100);
    expect(clock.status).toBe('freeRunning');
    await clock.close();
    expect(heard).toEqual([]);
  });

  it('aborting the signal of the start closes the clock', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const options = { address: server.address, allowLocal: true, intervalMs: 4000, signal };
    const clock = await BoundedClock.start(options);
    const waiting = clock.waitUntilAfter(clock.now().latest + 10n ** 18n);
    controller.abort(new Error('enough'));
    // immediately, not at the next poll
    await expect(Promise.race([waiting, sleep(3000)])).rejects.toThrow('enough');
    expect(() => clock.now()).toThrow('enough');
  });

  it('chronyd receives no more requests', async () => {
    await using mock = await startMockChronyd('synchronized');
    const clock = await BoundedClock.start({ address: mock.address, intervalMs: 10 });
    await expect.poll(() => mock.requests.length).toBeGreaterThan(2);
    await clock.close();
    const { length } = mock.requests;
    await sleep(100);
    expect(mock.requests.length).toBeLessThanOrEqual(length + 1);
  });
});
