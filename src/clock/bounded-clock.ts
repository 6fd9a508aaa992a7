/** Implements the public bounded clock: it samples chronyd regularly, reports changes, and lets callers wait. */

import { EventEmitter } from 'node:events';
import {
  type CallOptions,
  type ChronyOptions,
  checkSignal,
  numberInRange,
  readOptions,
  type Settings,
} from '../client/options.ts';
import { CLOSED, pause, repeating } from '../client/watch.ts';
import { ChronyConnectionError, ChronyError } from '../errors.ts';
import { type AbortSignalLike, newAborter, onAbort, reasonOf, throwIfAborted } from '../util/abort.ts';
import { clearTimeout, setTimeout } from '../util/timers.ts';
import type { BoundedTime, ClockStatus } from './bounded-time.ts';
import { systemClocks } from './clocks.ts';
import { SystemDevices } from './devices.ts';
import { Estimate } from './estimate.ts';
import { History } from './history.ts';
import { DEFAULT_MAX_DRIFT_PPM, maxClockErrorPpm } from './max-clock-error.ts';
import { MS } from './nanoseconds.ts';
import { Sampler } from './sample.ts';
import { PERMANENT } from './synchronized.ts';
import type { TrustLevel } from './trust.ts';

/** The options of a bounded clock. */
export interface BoundedClockOptions extends ChronyOptions {
  /**
   * The largest drift of the clock from the frequency that chronyd has set, in ppm: 0 to 100 000, default 50. No
   * working computer's clock drifts faster. chronyd itself assumes 1 ppm, unless its configuration has another
   * `maxclockerror`.
   */
  readonly maxDriftPpm?: number | undefined;
  /**
   * The time from one request to the next, in milliseconds: 1 to 4000, because a reply is too old after 5 s. Default
   * 1000.
   */
  readonly intervalMs?: number | undefined;
  /**
   * Whether a chronyd in local mode (`local` in its configuration, reference ID 127.127.1.1) counts as synchronized.
   * Such a chronyd treats its own clock as true time, so it reports an error near zero. This is useful only to
   * compare clocks that all follow this one. Default false.
   */
  readonly allowLocal?: boolean | undefined;
  /** @internal The paths of the devices of {@link SystemDevices}, for tests. */
  readonly devices?: DevicePaths | undefined;
}

interface DevicePaths {
  readonly vmClock?: string;
  readonly hardwareClocks?: string;
}

/** Called after a change of the status, with the new status, the previous one, and the reason as text. */
export type StatusListener = (status: ClockStatus, previous: ClockStatus, reason: string) => void;

/** When a clock counts as synchronized, for {@link BoundedClock.waitUntilSynchronized}. */
export interface ClockSynchronizedOptions extends CallOptions {
  /** The largest `errorBoundNs`: nanoseconds, zero or more. Default: any. */
  readonly maxErrorBoundNs?: bigint | number | undefined;
}

/**
 * Gives the time as an interval that contains the true time, for programs that order events of several machines: if
 * two intervals do not overlap, it is certain which event came first.
 *
 * It queries the chronyd that controls this machine's clock once a second. {@link now} makes no request, and takes a
 * fraction of a microsecond. The bound is chronyd's own, |`offset`| + `rootDispersion` + `rootDelay` / 2 of the
 * report `tracking`, plus the effect of a drift of `maxDriftPpm` since chronyd's last measurement. It holds with any
 * configuration of chronyd, if chronyd's sources report their error correctly and the clock drifts by less than that.
 *
 * - After a step of the wall clock, or a suspend of the machine, the status is `unknown` until chronyd has measured
 *   again. One new measurement is required if chronyd made the step or was restarted, otherwise eight, because
 *   chronyd continues to use its measurements from before a step that it did not notice. A step of less than a
 *   millisecond may be noticed only after several readings. On systems other than Linux, a step that slewing could
 *   explain (500 ppm since the last request) is not noticed.
 * - After a pause, a clone or a migration of the virtual machine the status is `disrupted` until chronyd has measured
 *   twice, if Linux reports it (`/dev/vmclock0`). Otherwise both clocks may be wrong without notice.
 * - Moments are POSIX time, which cannot represent an inserted leap second: around it the wall clock may be off by up
 *   to a second, regardless of chronyd. The bound is a second wider from a minute before the end of the UTC day with
 *   the leap second, until chronyd has made a measurement an hour after it.
 *
 * Waiting for the next request does not keep the process alive. A request under way does, for at most its timeout,
 * and so do {@link waitUntilAfter} and {@link waitUntilSynchronized}.
 *
 * @example
 * const clock = await BoundedClock.start();
 * const { earliest, latest } = clock.now();
 * await clock.close();
 */
export class BoundedClock implements AsyncDisposable {
  readonly #settings: ClockSettings;
  readonly #estimate: Estimate;
  readonly #history: History;
  /** Many listeners are legitimate, so Node's warning of a leak is disabled. */
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #ending = newAborter();
  readonly #stopListening: (() => void) | undefined;
  #ended: { readonly reason: unknown } | null = null;
  #status: ClockStatus = 'unknown';
  /** Ends the trust level when its time is over. */
  #timer: NodeJS.Timeout | undefined;

  private constructor(settings: ClockSettings) {
    this.#settings = settings;
    this.#history = new History(systemClocks, settings.maxDriftPpm);
    const { vmClock, hardwareClocks } = settings.devices ?? {};
    const devices = new SystemDevices(vmClock, hardwareClocks);
    this.#estimate = new Estimate(systemClocks, settings, (level) => this.#update(level), devices);
    const { signal } = settings;
    this.#stopListening = signal && onAbort(signal, () => this.#end(reasonOf(signal)));
  }

  /**
   * Starts a clock, and resolves after the first request. If chronyd does not reply, or is not synchronized, the
   * status is `unknown` at first, and the clock continues to query chronyd.
   *
   * @param options - an address, or {@link BoundedClockOptions}. The chronyd must be the one that controls the clock
   *   of this machine
   * @throws TypeError, RangeError for options of the wrong type or range.
   * @throws ChronyConnectionError for an invalid address (`ERR_CHRONY_ADDRESS`), or if Unix sockets are not supported
   *   (`ERR_CHRONY_NO_UNIX_SOCKET`).
   * @throws ChronyLibraryError if the WebAssembly library is damaged or cannot run here.
   * @throws the reason of an aborted signal.
   */
  static async start(options?: string | BoundedClockOptions): Promise<BoundedClock> {
    const settings = readClockOptions(options);
    throwIfAborted(settings.signal);
    const clock = new BoundedClock(settings);
    const samples = clock.#samples();
    try {
      const { value } = await samples.next();
      if (value instanceof ChronyError && PERMANENT.has(value.code)) throw value;
    } catch (error) {
      await clock.close();
      throw error;
    }
    clock.#run(samples);
    return clock;
  }

  /** Whether the clock can be trusted now. */
  get status(): ClockStatus {
    return this.#level().status;
  }

  /** The reason for the {@link status}, as text. */
  get reason(): string {
    return this.#level().reason;
  }

  /**
   * chronyd's `maxclockerror`, in ppm, zero or more, rounded to tenths: the drift that chronyd itself assumes. It is
   * derived from two reports of the same measurement; null until then. If it is less than `maxDriftPpm`, the bound is
   * wider than chronyd's own.
   */
  get maxClockErrorPpm(): number | null {
    return maxClockErrorPpm(this.#estimate.maxClockError);
  }

  /**
   * Returns the time at the moment of the call.
   *
   * @throws ChronyError (`ERR_CHRONY_NO_BOUND`) while the status is `unknown` or `disrupted`; its message says why,
   *   and what to do.
   * @throws ChronyConnectionError (`ERR_CHRONY_CLOSED`), or the reason of the signal, after the clock was closed.
   */
  now(): BoundedTime {
    if (this.#ended !== null) throw this.#ended.reason;
    return this.#estimate.now();
  }

  /**
   * Returns the interval of a past moment: the one that {@link now} would have returned when the wall clock showed
   * the moment. It adds error bounds to existing timestamps, e.g. of a log line, a file or a packet.
   *
   * The moment is a reading of this machine's wall clock, and the {@link BoundedTime.midpoint} of the result. If it
   * was rounded, as `Date.now()` does, the rounding error is not part of the bound.
   *
   * @param epochNs - nanoseconds since the epoch, in the last 1000 s
   * @throws RangeError for a moment in the future, or more than 1000 s ago; TypeError if it is not a bigint.
   * @throws ChronyError (`ERR_CHRONY_NO_BOUND`) if the status is `unknown`, or was at that moment or later: the wall
   *   clock may have been stepped since.
   * @throws the other errors of {@link now}.
   *
   * @example
   * const { earliest, latest } = clock.at(BigInt(Date.parse(line.time)) * 1_000_000n);
   */
  at(epochNs: bigint): BoundedTime {
    checkMoment(epochNs);
    // detect a step that has just happened
    this.now();
    return this.#history.at(epochNs);
  }

  /**
   * Returns true if a moment is certainly in the future.
   *
   * @param moment - in nanoseconds since the epoch
   * @throws the errors of {@link now}; TypeError if the moment is not a bigint.
   */
  before(moment: bigint): boolean {
    checkMoment(moment);
    return moment > this.now().latest;
  }

  /**
   * Returns true if a moment has certainly passed.
   *
   * @param moment - in nanoseconds since the epoch
   * @throws the errors of {@link now}; TypeError if the moment is not a bigint.
   */
  after(moment: bigint): boolean {
    checkMoment(moment);
    return moment < this.now().earliest;
  }

  /**
   * Waits until a moment has certainly passed. This orders the timestamps of several machines (commit wait): take
   * `now().latest` as the timestamp of an event, wait until it has passed, and only then publish the event. Every
   * event that follows from it gets a later timestamp, on any machine.
   *
   * @param moment - in nanoseconds since the epoch
   * @throws the errors of {@link now}, at any time during the wait; the signal's reason; TypeError.
   */
  async waitUntilAfter(moment: bigint, options: CallOptions = {}): Promise<void> {
    checkMoment(moment);
    await this.#until(checkSignal(options.signal), () => {
      const time = this.now();
      // the next sample may end the wait sooner, or make it impossible
      return moment < time.earliest ? time : Number((moment - time.earliest) / MS) + 1;
    });
  }

  /**
   * Waits until the status is `synchronized`, and the error bound is small enough. It also waits while the status is
   * `unknown` or `disrupted`, for any reason. It keeps the process alive.
   *
   * @param options - set a `signal` with a timeout, unless the wait may be unlimited; {@link reason} then says why it
   *   timed out
   * @returns the time when the bound was small enough.
   * @throws ChronyConnectionError (`ERR_CHRONY_CLOSED`), or the reason of the clock's signal, when the clock is
   *   closed; the reason of the signal; TypeError, RangeError for options of the wrong type or range.
   *
   * @example
   * await clock.waitUntilSynchronized({ maxErrorBoundNs: 1_000_000n, signal: AbortSignal.timeout(60_000) });
   */
  async waitUntilSynchronized(options: ClockSynchronizedOptions = {}): Promise<BoundedTime> {
    const most = checkErrorBound(options.maxErrorBoundNs);
    return await this.#until(checkSignal(options.signal), () => {
      const { intervalMs } = this.#settings;
      // now() would throw without a bound
      if (this.status !== 'synchronized') return intervalMs;
      const time = this.now();
      return time.status === 'synchronized' && time.errorBoundNs <= most ? time : intervalMs;
    });
  }

  /**
   * Repeats an attempt until it returns a result.
   *
   * @param attempt - returns the result, or the milliseconds to wait: at most an interval, for the next sample
   * @throws the errors of the attempt, the signal's reason, and the clock's reason when it is closed.
   */
  async #until(
    signal: AbortSignalLike | undefined,
    attempt: () => BoundedTime | number,
  ): Promise<BoundedTime> {
    const waking = newAborter();
    const listening = [signal, this.#ending].map((end) => end && onAbort(end, () => waking.abort()));
    try {
      for (;;) {
        throwIfAborted(signal);
        if (this.#ended !== null) throw this.#ended.reason;
        const result = attempt();
        if (typeof result !== 'number') return result;
        await pause(Math.min(result, this.#settings.intervalMs), waking);
      }
    } finally {
      for (const ignore of listening) ignore?.();
    }
  }

  /** Calls the listener soon after each change of the status. */
  on(event: 'status', listener: StatusListener): this {
    this.#events.on(event, listener);
    return this;
  }

  /** Calls the listener once, after the next change. */
  once(event: 'status', listener: StatusListener): this {
    this.#events.once(event, listener);
    return this;
  }

  /** Removes the listener. */
  off(event: 'status', listener: StatusListener): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Ends the clock. Pending waits fail with a {@link ChronyConnectionError}, and no listener is called any more. */
  async close(): Promise<void> {
    this.#end(new ChronyConnectionError('the clock is closed; start another', { code: CLOSED }));
  }

  /** Closes the clock, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #level(): Pick<TrustLevel, 'status' | 'reason'> {
    return this.#ended === null
      ? this.#estimate.refresh()
      : { status: 'unknown', reason: 'the clock is closed' };
  }

  #samples(): AsyncGenerator<unknown, void, undefined> {
    const ending = this.#ending;
    const sampler = new Sampler({ ...this.#settings, signal: ending });
    const sample = (stop: AbortSignalLike): Promise<void> => this.#estimate.sample(sampler, stop);
    return repeating(sample, this.#settings.intervalMs, { ending }, false);
  }

  async #run(samples: AsyncGenerator<unknown, void, undefined>): Promise<void> {
    try {
      while (!(await samples.next()).done);
    } catch (error) {
      this.#end(error);
    }
  }

  /** Sets the timer for the next change, and reports the current one. */
  #update(level: TrustLevel): void {
    clearTimeout(this.#timer);
    if (this.#ended !== null) return;
    this.#history.add(level);
    const { status, reason, until } = level;
    if (until !== null) {
      // the moment may have passed already if the process was blocked
      const ms = Math.max(0, Number((until - systemClocks.monotonicNs()) / MS)) + 1;
      this.#timer = setTimeout(() => this.#estimate.refresh(), ms).unref();
    }
    const previous = this.#status;
    if (status === previous) return;
    this.#status = status;
    // deferred, because now() may have found the change, and a listener must not make it throw
    queueMicrotask(() => this.#emit(status, previous, reason));
  }

  #emit(...change: Parameters<StatusListener>): void {
    for (const listener of this.#events.rawListeners('status')) {
      // one microtask each, so that the others are called even if a listener throws
      queueMicrotask(() => {
        if (this.#ended === null) listener(...change);
      });
    }
  }

  #end(reason: unknown): void {
    if (this.#ended !== null) return;
    this.#ended = { reason };
    this.#stopListening?.();
    clearTimeout(this.#timer);
    this.#ending.abort(reason);
  }
}

/** Validated {@link BoundedClockOptions}, with defaults applied. */
interface ClockSettings extends Settings {
  readonly maxDriftPpm: number;
  readonly intervalMs: number;
  readonly allowLocal: boolean;
  readonly devices: DevicePaths | undefined;
}

const MAX_DRIFT_PPM = 100_000;
const MAX_INTERVAL_MS = 4000;

/** @throws TypeError, RangeError for a value of the wrong type or range. */
export function readClockOptions(given: string | BoundedClockOptions | undefined): ClockSettings {
  const settings = readOptions(given);
  const options = typeof given === 'string' ? {} : (given ?? {});
  const { maxDriftPpm = DEFAULT_MAX_DRIFT_PPM, intervalMs = 1000, allowLocal = false, devices } = options;
  if (typeof allowLocal !== 'boolean') {
    throw new TypeError(`allowLocal must be true or false, not ${typeof allowLocal}`);
  }
  return {
    ...settings,
    maxDriftPpm: numberInRange('maxDriftPpm', maxDriftPpm, 0, MAX_DRIFT_PPM, false),
    intervalMs: numberInRange('intervalMs', intervalMs, 1, MAX_INTERVAL_MS, false),
    allowLocal,
    devices,
  };
}

function checkMoment(moment: bigint): void {
  if (typeof moment === 'bigint') return;
  throw new TypeError(`the moment must be a bigint, nanoseconds since the epoch, not ${typeof moment}`);
}

/** @throws TypeError, RangeError for a value of the wrong type or range. */
function checkErrorBound(ns: bigint | number | undefined): bigint | number {
  if (ns === undefined) return Number.POSITIVE_INFINITY;
  if (typeof ns !== 'bigint' && typeof ns !== 'number') {
    throw new TypeError(`maxErrorBoundNs must be a bigint or a number, nanoseconds, not ${typeof ns}`);
  }
  if (ns >= 0) return ns;
  throw new RangeError(`maxErrorBoundNs must be zero or more, not ${ns}`);
}
