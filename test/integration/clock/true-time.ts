/** The true time of a test: the system's wall clock plus a simulated error of that clock. */

/** Three readings of one clock and two of the other take less than this if the process is not interrupted. */
const FINE_NS = 1_500n;

/** The limits of wall clock minus monotonic clock, in nanoseconds, measured by a tick of Date.now(). */
function wallOffset(): { readonly low: bigint; readonly high: bigint } {
  let start = process.hrtime.bigint();
  let ms = Date.now();
  let middle = process.hrtime.bigint();
  for (;;) {
    const next = Date.now();
    const end = process.hrtime.bigint();
    // the tick occurred between the two readings of the wall clock, even if the process was interrupted
    if (next === ms + 1 && end - start < FINE_NS) {
      const tick = BigInt(next) * 1_000_000n;
      return { low: tick - end, high: tick - start };
    }
    start = middle;
    ms = next;
    middle = end;
  }
}

export class TrueTime {
  readonly #offset = wallOffset();
  /** The error of the wall clock (positive if slow) at a monotonic time, and its drift since then. */
  #wrongNs: number;
  #since = process.hrtime.bigint();
  #driftPpm = 0;

  /** @param wrongMs - the error of the wall clock in milliseconds; positive if it is slow */
  constructor(wrongMs: number) {
    this.#wrongNs = wrongMs * 1e6;
  }

  /** Sets the drift of the wall clock from now on; positive if it gets slower. */
  set driftPpm(ppm: number) {
    const now = process.hrtime.bigint();
    this.#wrongNs = this.#wrongAt(now);
    this.#since = now;
    this.#driftPpm = ppm;
  }

  /** The earliest and the latest possible true time, in ns since the epoch, at a monotonic time. */
  at(monotonic: bigint): { readonly earliest: bigint; readonly latest: bigint } {
    const { low, high } = this.#offset;
    const time = monotonic + BigInt(Math.round(this.#wrongAt(monotonic)));
    return { earliest: time + low, latest: time + high };
  }

  /** The error of the wall clock (ns, positive if slow) at a wall-clock time (ns since the epoch), and its drift since. */
  get byWallClock(): { readonly wrongNs: number; readonly since: bigint; readonly driftPpm: number } {
    return { wrongNs: this.#wrongNs, since: this.#since + this.#offset.low, driftPpm: this.#driftPpm };
  }

  #wrongAt(monotonic: bigint): number {
    return this.#wrongNs + Number(monotonic - this.#since) * this.#driftPpm * 1e-6;
  }
}
