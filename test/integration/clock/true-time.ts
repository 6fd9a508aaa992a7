/** The true time of a test: the system's wall clock, and what that is known to be wrong by. */

/** Three readings of the one clock and two of the other take less, where nothing holds the process up. */
const FINE_NS = 1_500n;

/** Wall clock less monotonic clock, by a tick of Date.now(): between which two numbers of nanoseconds. */
function wallOffset(): { readonly low: bigint; readonly high: bigint } {
  let start = process.hrtime.bigint();
  let ms = Date.now();
  let middle = process.hrtime.bigint();
  for (;;) {
    const next = Date.now();
    const end = process.hrtime.bigint();
    // the tick came between the two readings of the wall clock, wherever the process was held up
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
  /** How slow the wall clock was at a moment of the monotonic one, and how much slower it has been getting since. */
  #wrongNs: number;
  #since = process.hrtime.bigint();
  #driftPpm = 0;

  /** @param wrongMs how slow the wall clock is */
  constructor(wrongMs: number) {
    this.#wrongNs = wrongMs * 1e6;
  }

  /** How much slower the wall clock gets from now on. */
  set driftPpm(ppm: number) {
    const now = process.hrtime.bigint();
    this.#wrongNs = this.#wrongAt(now);
    this.#since = now;
    this.#driftPpm = ppm;
  }

  /** Nanoseconds since the epoch at a moment of the monotonic clock: the earliest and the latest that it can be. */
  at(monotonic: bigint): { readonly earliest: bigint; readonly latest: bigint } {
    const { low, high } = this.#offset;
    const time = monotonic + BigInt(Math.round(this.#wrongAt(monotonic)));
    return { earliest: time + low, latest: time + high };
  }

  /** By what the wall clock alone tells it: how slow that was (ns) at a moment of it (ns since the epoch), and since. */
  get byWallClock(): { readonly wrongNs: number; readonly since: bigint; readonly driftPpm: number } {
    return { wrongNs: this.#wrongNs, since: this.#since + this.#offset.low, driftPpm: this.#driftPpm };
  }

  #wrongAt(monotonic: bigint): number {
    return this.#wrongNs + Number(monotonic - this.#since) * this.#driftPpm * 1e-6;
  }
}
