/** The public face of the bounded clock: asks chronyd again and again, tells of changes, and lets callers wait. */
import { EventEmitter } from 'node:events';
// imported, so that a test's fake timers do not stop it
import { clearTimeout, setTimeout } from 'node:timers';
import { CLOSED } from '../client/closed.ts';
import { type CallOptions, checkSignal } from '../client/options.ts';
import { pause, repeating } from '../client/repeating.ts';
import { ChronyConnectionError, ChronyError } from '../errors.ts';
import { onAbort } from '../util/abort.ts';
import { Asker } from './asker.ts';
import type { BoundedTime, ClockStatus } from './bounded-time.ts';
import { systemClocks } from './clocks.ts';
import { Estimate } from './estimate.ts';
import { MS } from './nanoseconds.ts';
import { type BoundedClockOptions, type ClockSettings, readClockOptions } from './options.ts';
import type { Standing } from './standing.ts';

/** Hears of a change of the status: what it is now, what it was, and why, in words. */
export type StatusListener = (status: ClockStatus, previous: ClockStatus, reason: string) => void;

/** What no waiting mends. */
const LASTING: ReadonlySet<string> = new Set([
  'ERR_CHRONY_ADDRESS',
  'ERR_CHRONY_NO_UNIX_SOCKET',
  'ERR_CHRONY_LIBRARY',
]);

/**
 * The time as an interval that holds the true time, for programs that order what happens on several machines: where
 * two intervals do not overlap, it is certain which came first.
 *
 * It asks the chronyd that keeps this machine's clock once a second; {@link now} itself asks nobody and takes a
 * fraction of a microsecond. The bound is chronyd's own: |`offset`| + `rootDispersion` + `rootDelay` / 2 of the report
 * `tracking`, grown by `maxDriftPpm` since it was asked for. So it holds if chronyd's sources are honest about
 * themselves, the clock drifts less than that, and nobody pauses the virtual machine unseen by both its clocks.
 *
 * - A wall clock that is stepped, or a machine that was suspended: the status is `unknown` until chronyd has measured
 *   anew; eight times, unless it was chronyd's own step or it has started anew, as it takes its measurements from
 *   before a step that it did not notice for good ones. A step of less than a millisecond may take some readings to be
 *   noticed; elsewhere than on Linux, one that could be slewing (500 ppm since the last request) is none.
 * - A leap second: moments are POSIX time, which has no name for the inserted second, and around it the wall clock is
 *   off by up to a second whatever chronyd does about it. From a minute before the end of the UTC day at which one is
 *   pending until chronyd has measured an hour after it, the bound is a second wider.
 *
 * Requests that are due do not keep the process alive; one under way does, for its timeout at most, and so does
 * {@link waitUntilAfter}.
 *
 * @example
 * await using clock = await BoundedClock.start();
 * const { earliest, latest } = clock.now();
 */
export class BoundedClock implements AsyncDisposable {
  readonly #settings: ClockSettings;
  readonly #estimate: Estimate;
  readonly #events = new EventEmitter();
  readonly #ending = new AbortController();
  readonly #stopListening: (() => void) | undefined;
  #ended: { readonly reason: unknown } | null = null;
  #status: ClockStatus = 'unknown';
  /** For the moment at which time alone changes the status. */
  #timer: NodeJS.Timeout | undefined;

  private constructor(settings: ClockSettings) {
    this.#settings = settings;
    this.#estimate = new Estimate(systemClocks, settings, (standing) => this.#settle(standing));
    const { signal } = settings;
    this.#stopListening = signal && onAbort(signal, () => this.#end(signal.reason));
  }

  /**
   * Starts one, and resolves when chronyd has been asked once. If it does not answer, or is not synchronised, the
   * status is `unknown`, and asking goes on: it may come later.
   *
   * @param options - an address, or {@link BoundedClockOptions}; the chronyd must be the one that keeps the clock of
   *   this machine
   * @throws TypeError, RangeError for options of the wrong type or range.
   * @throws ChronyConnectionError for an address that cannot be read (`ERR_CHRONY_ADDRESS`), or a Unix socket that
   *   cannot be had here (`ERR_CHRONY_NO_UNIX_SOCKET`).
   * @throws ChronyLibraryError if the WebAssembly library is damaged or cannot run here.
   * @throws the reason of an aborted signal.
   */
  static async start(options?: string | BoundedClockOptions): Promise<BoundedClock> {
    const settings = readClockOptions(options);
    settings.signal?.throwIfAborted();
    const clock = new BoundedClock(settings);
    const turns = clock.#turns();
    try {
      const { value } = await turns.next();
      if (value instanceof ChronyError && LASTING.has(value.code)) throw value;
    } catch (error) {
      await clock.close();
      throw error;
    }
    clock.#run(turns);
    return clock;
  }

  /** How far it can be trusted now. */
  get status(): ClockStatus {
    return this.#look().status;
  }

  /** Why the {@link status} is as it is, in words. */
  get reason(): string {
    return this.#look().reason;
  }

  /**
   * The time at the moment of the call.
   *
   * @throws ChronyError (`ERR_CHRONY_NO_BOUND`) while the status is `unknown`; it says why, and what to do.
   * @throws ChronyConnectionError (`ERR_CHRONY_CLOSED`), or the reason of the signal, once it is closed.
   */
  now(): BoundedTime {
    if (this.#ended !== null) throw this.#ended.reason;
    return this.#estimate.now();
  }

  /**
   * True if a moment is certainly still to come.
   *
   * @param moment - in nanoseconds since the epoch
   * @throws as {@link now}; TypeError if it is no bigint.
   */
  before(moment: bigint): boolean {
    checkMoment(moment);
    return moment > this.now().latest;
  }

  /**
   * True if a moment has certainly passed.
   *
   * @param moment - in nanoseconds since the epoch
   * @throws as {@link now}; TypeError if it is no bigint.
   */
  after(moment: bigint): boolean {
    checkMoment(moment);
    return moment < this.now().earliest;
  }

  /**
   * Waits until a moment has certainly passed. This is what makes timestamps true: take `now().latest` for a
   * timestamp, wait until after it, and only then let others see what it is the timestamp of; then whatever they do
   * because of that gets a later one, on whichever machine.
   *
   * @param moment - in nanoseconds since the epoch
   * @throws as {@link now}, as soon as that would; the signal's reason; TypeError.
   */
  async waitUntilAfter(moment: bigint, options: CallOptions = {}): Promise<void> {
    checkMoment(moment);
    const signal = checkSignal(options.signal);
    const waking = new AbortController();
    const listening = [signal, this.#ending.signal].map((end) => end && onAbort(end, () => waking.abort()));
    try {
      for (;;) {
        signal?.throwIfAborted();
        const { earliest } = this.now();
        if (moment < earliest) return;
        // the next answer may make it sooner, or impossible
        const ms = Math.min(Number((moment - earliest) / MS) + 1, this.#settings.intervalMs);
        await pause(ms, waking.signal);
      }
    } finally {
      for (const ignore of listening) ignore?.();
    }
  }

  /** Calls the listener at each change of the status, soon after it. */
  on(event: 'status', listener: StatusListener): this {
    this.#events.on(event, listener);
    return this;
  }

  /** As {@link on}, for the next change only. */
  once(event: 'status', listener: StatusListener): this {
    this.#events.once(event, listener);
    return this;
  }

  /** Calls it no more. */
  off(event: 'status', listener: StatusListener): this {
    this.#events.off(event, listener);
    return this;
  }

  /** Ends it; who waits gets a {@link ChronyConnectionError}, and listeners hear nothing more. */
  async close(): Promise<void> {
    this.#end(new ChronyConnectionError('the clock is closed; start another', { code: CLOSED }));
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #look(): Pick<Standing, 'status' | 'reason'> {
    return this.#ended === null
      ? this.#estimate.look()
      : { status: 'unknown', reason: 'the clock is closed' };
  }

  #turns(): AsyncGenerator<unknown, void, undefined> {
    const ending = this.#ending.signal;
    const asker = new Asker({ ...this.#settings, signal: ending });
    const ask = (stop: AbortSignal): Promise<void> =>
      this.#estimate.ask({
        tracking: () => asker.tracking(stop),
        followed: (status) => asker.followed(status, stop),
      });
    return repeating(ask, this.#settings.intervalMs, { ending }, false);
  }

  async #run(turns: AsyncGenerator<unknown, void, undefined>): Promise<void> {
    try {
      while (!(await turns.next()).done);
    } catch (error) {
      this.#end(error);
    }
  }

  #settle({ status, reason, until }: Standing): void {
    clearTimeout(this.#timer);
    if (this.#ended !== null) return;
    if (until !== null) {
      // it may be over already, where the process was held up
      const ms = Math.max(0, Number((until - systemClocks.monotonicNs()) / MS)) + 1;
      this.#timer = setTimeout(() => this.#estimate.look(), ms).unref();
    }
    const previous = this.#status;
    if (status === previous) return;
    this.#status = status;
    // later: it may have been found by now(), which is to return whatever a listener does
    queueMicrotask(() => {
      if (this.#ended === null) this.#events.emit('status', status, previous, reason);
    });
  }

  #end(reason: unknown): void {
    if (this.#ended !== null) return;
    this.#ended = { reason };
    this.#stopListening?.();
    clearTimeout(this.#timer);
    this.#ending.abort(reason);
  }
}

function checkMoment(moment: bigint): void {
  if (typeof moment === 'bigint') return;
  throw new TypeError(`the moment must be a bigint, nanoseconds since the epoch, not ${typeof moment}`);
}
