/** chronyd's `maxclockerror`, which no report has: it shows in how fast the root dispersion grows. */
import type { TrackingStatus } from '../reports/index.ts';

/** The protocol's floating-point numbers have 24 bits, the last two of which chronyd may cut off. */
export const WIRE_ROUNDING = 2 ** -22;

/** A report, and when it was made, by the monotonic clock: between the request and the reply. */
interface Sighting {
  readonly tracking: TrackingStatus;
  readonly before: bigint;
  readonly after: bigint;
}

/** An estimate, in ppm. */
interface Range {
  readonly least: number;
  readonly most: number;
}

/**
 * Learns `maxclockerror` of one chronyd from its tracking reports. Between two measurements chronyd lets the root
 * dispersion grow by skew + |residual frequency| + `maxclockerror`, and it reports the first two.
 */
export class MaxClockError {
  /** The first report of the last measurement. */
  #first: Sighting | null = null;
  #known: Range | null = null;

  /** The least that `maxclockerror` can be, in ppm; null until two reports of one measurement have come. */
  get ppm(): number | null {
    return this.#known && Math.max(0, this.#known.least);
  }

  /** The most that it can be, in ppm; null until then. */
  get mostPpm(): number | null {
    return this.#known?.most ?? null;
  }

  /**
   * @param before - the monotonic clock before the request, in nanoseconds
   * @param after - the same clock after the reply
   */
  add(tracking: TrackingStatus, before: bigint, after: bigint): void {
    const first = this.#first;
    if (!tracking.isSynchronized()) this.#first = null;
    else if (first === null || !isSameMeasurement(first.tracking, tracking)) {
      this.#first = { tracking, before, after };
    } else this.#learn(growthOf(first, { tracking, before, after }));
  }

  /** A clock was stepped, or the machine suspended: the reports before cannot be compared with later ones. */
  restart(): void {
    this.#first = null;
  }

  #learn({ least, most }: Range): void {
    const known = this.#known;
    if (known === null || least > known.most || most < known.least) {
      // nothing was known, or chronyd was started with another configuration
      this.#known = { least, most };
    } else this.#known = { least: Math.max(least, known.least), most: Math.min(most, known.most) };
  }
}

function isSameMeasurement(one: TrackingStatus, other: TrackingStatus): boolean {
  return (
    one.refTime === other.refTime &&
    one.skew === other.skew &&
    one.residualFreq === other.residualFreq &&
    one.rootDelay === other.rootDelay
  );
}

/** How fast the dispersion grew, less what chronyd reports of that. */
function growthOf(first: Sighting, last: Sighting): Range {
  const { rootDispersion, skew, residualFreq } = last.tracking;
  const grown = rootDispersion - first.tracking.rootDispersion;
  const rounding = (rootDispersion + first.tracking.rootDispersion) * WIRE_ROUNDING;
  const reported = skew + Math.abs(residualFreq);
  const ppm = (seconds: number, ns: bigint): number => (seconds / Number(ns)) * 1e15;
  const shortest = last.before - first.after;
  return {
    least: ppm(grown - rounding, last.after - first.before) - reported * (1 + WIRE_ROUNDING),
    most:
      shortest > 0n
        ? ppm(grown + rounding, shortest) - reported * (1 - WIRE_ROUNDING)
        : Number.POSITIVE_INFINITY,
  };
}
