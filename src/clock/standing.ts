/** How far the clock can be trusted, from what chronyd answered and when. It reads no clock itself. */
import type { ChronyError } from '../errors.ts';
import type { TrackingStatus } from '../reports/index.ts';
import { type Answer, explain, looksStale, SETTLED, type Worth, worthOf } from './answer.ts';
import type { ClockStatus } from './bounded-time.ts';
import { Gaps } from './gaps.ts';
import { leapAfter } from './leap.ts';
import { fromSeconds, SECOND } from './nanoseconds.ts';
import type { WallOffset } from './wall-offset.ts';

/** A bound on the clock's error, and the moment that it is of. */
export interface Bound {
  /** By the monotonic clock: before chronyd was asked. */
  readonly asOf: bigint;
  readonly errorNs: number;
  readonly offset: WallOffset;
}

export interface Standing {
  readonly status: ClockStatus;
  /** Why, in words. */
  readonly reason: string;
  /** Null if it is unknown. */
  readonly bound: Bound | null;
  /** Whether a leap second may be going on. */
  readonly leap: boolean;
  /** The last moment of it, by the monotonic clock, unless something happens; null if time alone changes nothing. */
  readonly until: bigint | null;
}

/** For so long an answer stands for those to come. */
const FRESH_NS = 5n * SECOND;
/** For so long a bound is trusted without any. */
const SILENCE_NS = 1000n * SECOND;

/**
 * By how much of itself, and by how many seconds more, a step of chronyd's own may differ from what it meant to step: it
 * reads the clock more finely than we do.
 */
const OWN_STEP_RATIO = 0.01;
const OWN_STEP_S = 0.002;

/**
 * What is to happen after a step before an answer counts. Where chronyd does not know of the step it takes what it
 * measured before and after it for measurements of one clock, and is wrong about it, and about how wrong it is.
 */
interface Step {
  readonly seconds: number;
  readonly reason: string;
  /** The reference time of the last answer; null before the first one. */
  readonly reference: number | null;
  /** How often that is still to change. */
  readonly measurements: number;
}

/** True if chronyd made this step: by what it had found the clock to be off. */
function isOwn(seconds: number, { lastOffset }: TrackingStatus): boolean {
  return Math.abs(Math.abs(seconds) - Math.abs(lastOffset)) < Math.abs(seconds) * OWN_STEP_RATIO + OWN_STEP_S;
}

export class Standings {
  readonly #allowLocal: boolean;
  /** By how much a bound grows in a nanosecond while nothing is known. */
  readonly #growth: number;
  readonly #gaps = new Gaps();
  #bound: Bound | null = null;
  /** Why there is no bound, while there is none. */
  #missing = 'chronyd has not been asked yet';
  #worth: Worth | null = null;
  #explained = '';
  #answeredAt = 0n;
  #failure = '';
  #step: Step | null = null;
  /** When the window around a leap second begins: seconds since the epoch, and by the monotonic clock. */
  #leap: number | null = null;
  #leapAt: bigint | null = null;

  /** @param driftPpm - how fast the wall clock may get away from true time */
  constructor(allowLocal: boolean, driftPpm: number) {
    this.#allowLocal = allowLocal;
    this.#growth = driftPpm * 1e-6;
  }

  /** Whether it takes what is `followed` to say what the answer is worth. */
  needsFollowed(answer: Answer): boolean {
    return looksStale(answer) || this.#gaps.needsFollowed(answer);
  }

  /** @param asOf - by the monotonic clock, before it was asked for */
  answered(answer: Answer, asOf: bigint, offset: WallOffset): void {
    const worth = worthOf(answer, this.#allowLocal);
    const { status, time } = answer;
    if (this.#isSilent(asOf) || worth === 'local') this.#bound = null;
    this.#explained = explain(worth, answer);
    this.#missing = this.#explained;
    this.#worth = worth;
    this.#answeredAt = asOf;
    this.#failure = '';
    const step = this.#stepAfter(status, worth);
    const atLeast = this.#gaps.isDoubtful(answer) ? this.#doubted(answer, asOf) : 0;
    if (worth === 'good') {
      if (step === null) this.#bound = { asOf, errorNs: Math.max(status.maxError() * 1e9, atLeast), offset };
      else this.#missing = step.reason;
    }
    this.#leap = leapAfter(this.#leap, status, time);
    // early by as much as the clock may be off
    this.#leapAt =
      this.#leap === null ? null : asOf + fromSeconds(this.#leap - time) - fromSeconds(status.maxError());
  }

  failed({ message }: ChronyError): void {
    this.#failure = message;
    this.#missing = message;
  }

  /** One of the clocks was stepped: what chronyd says may not know of that, until it has measured anew. */
  stepped(seconds: number): void {
    this.#bound = null;
    const reason =
      `the wall clock was stepped by about ${seconds.toFixed(3)} s, or the machine was suspended; wait until chronyd ` +
      'has measured anew';
    this.#missing = reason;
    this.#step = { seconds, reason, reference: null, measurements: SETTLED };
  }

  at(now: bigint): Standing {
    const bound = this.#bound;
    const isSilent = this.#isSilent(now);
    if (bound === null || isSilent) {
      const reason = isSilent ? this.#silence(SILENCE_NS) : this.#missing;
      return { status: 'unknown', reason, bound: null, leap: false, until: null };
    }
    const isFresh = this.#worth === 'good' && now - bound.asOf <= FRESH_NS;
    const leap = this.#leapAt !== null && now >= this.#leapAt;
    const end = isFresh ? bound.asOf + FRESH_NS : this.#answeredAt + SILENCE_NS;
    return {
      status: isFresh ? 'synchronized' : 'freeRunning',
      reason: isFresh || this.#worth !== 'good' ? this.#explained : this.#silence(FRESH_NS),
      bound,
      leap,
      until: leap || this.#leapAt === null || this.#leapAt > end ? end : this.#leapAt - 1n,
    };
  }

  /**
   * How far the clock may be off where chronyd's own estimate is in doubt, in ns: by what has become of the bound, or by
   * the last measurement alone, whichever says more.
   */
  #doubted({ status, followed }: Answer, asOf: bigint): number {
    const bound = this.#bound;
    const measured = followed?.measured ?? null;
    if (bound === null && measured === null) return 0;
    const grown = bound && bound.errorNs + Number(asOf - bound.asOf) * this.#growth;
    // since then the clock as chronyd corrects it has run as fast as that takes it to run
    const growth = this.#growth + Math.abs(status.frequency) * 1e-6;
    const alone =
      measured && (Math.abs(status.offset + measured.offset) + measured.error + measured.age * growth) * 1e9;
    return Math.min(grown ?? Number.POSITIVE_INFINITY, alone ?? Number.POSITIVE_INFINITY);
  }

  #isSilent(now: bigint): boolean {
    return this.#bound !== null && now - this.#answeredAt > SILENCE_NS;
  }

  #silence(ns: bigint): string {
    return `no answer from chronyd for more than ${ns / SECOND} s${this.#failure && `: ${this.#failure}`}`;
  }

  /** The step that this answer may not know enough of; null if there is none. */
  #stepAfter(status: TrackingStatus, worth: Worth): Step | null {
    const step = this.#step;
    if (step === null) return null;
    const { refTime: reference } = status;
    if (worth === 'unsynchronised' || (step.reference === null && isOwn(step.seconds, status))) {
      // it has started anew, or knows
      this.#step = { ...step, reference, measurements: 1 };
    } else if (step.reference === null) {
      this.#step = { ...step, reference };
    } else if (step.reference !== reference) {
      const measurements = step.measurements - 1;
      this.#step = measurements === 0 ? null : { ...step, reference, measurements };
    }
    return this.#step;
  }
}
