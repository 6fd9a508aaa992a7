/** How far the clock can be trusted, from what chronyd answered and when. It reads no clock itself. */
import type { ChronyError } from '../errors.ts';
import { type Answer, explain, type Worth, worthOf } from './answer.ts';
import type { ClockStatus } from './bounded-time.ts';
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

/** What happened since the clock was stepped. */
interface Step {
  readonly reason: string;
  /** The reference time of the first answer after it; null before that. */
  readonly reference: number | null;
}

export class Standings {
  readonly #allowLocal: boolean;
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

  constructor(allowLocal: boolean) {
    this.#allowLocal = allowLocal;
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
    const step = this.#stepUnmeasured(status.refTime);
    if (worth === 'good') {
      if (step === null) this.#bound = { asOf, errorNs: status.maxError() * 1e9, offset };
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

  /**
   * One of the clocks was stepped. What chronyd answers may not know of that until it has measured again: nobody but
   * chronyd can tell whether it was its own doing.
   */
  stepped(seconds: number): void {
    this.#bound = null;
    const reason =
      `the wall clock was stepped by about ${seconds.toFixed(3)} s, or the machine was suspended; chronyd's next ` +
      'measurement gives a new bound';
    this.#missing = reason;
    this.#step = { reason, reference: null };
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

  #isSilent(now: bigint): boolean {
    return this.#bound !== null && now - this.#answeredAt > SILENCE_NS;
  }

  #silence(ns: bigint): string {
    return `no answer from chronyd for more than ${ns / SECOND} s${this.#failure && `: ${this.#failure}`}`;
  }

  /** The step that an answer with this reference time may not know of; null if there is none. */
  #stepUnmeasured(reference: number): Step | null {
    if (this.#step === null) return null;
    const first = this.#step.reference ?? reference;
    this.#step = first === reference ? { ...this.#step, reference } : null;
    return this.#step;
  }
}
