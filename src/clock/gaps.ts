/**
 * Gaps between chronyd's measurements. It takes the clock to have been steady in one; where its frequency changed
 * meanwhile, chronyd is wrong by more than it says for some time: it puts what it measures on one line with what it
 * measured before the gap, until that fits so badly that it forgets what was before.
 */
import type { TrackingStatus } from '../reports/index.ts';
import { type Answer, SETTLED } from './answer.ts';

/** Longer than so many times what is usual is a gap. */
const LONGER = 2.5;
/** What is usual is the shortest of so many intervals: one that is late by itself does not make the next one usual. */
const REMEMBERED = 8;

export class Gaps {
  #last: TrackingStatus | null = null;
  #intervals: readonly number[] = [];
  #doubtful = 0;

  /** True if the answer may be in doubt: then it takes what is `followed` to say. */
  needsFollowed(answer: Answer): boolean {
    return this.#doubtful > 0 || this.#isAfter(answer);
  }

  /** @returns whether chronyd may be wrong about how wrong it is */
  isDoubtful(answer: Answer): boolean {
    const { status } = answer;
    const isNew = status.refTime !== this.#last?.refTime;
    if (this.#isAfter(answer)) this.#doubtful = SETTLED;
    else if (isNew) this.#doubtful = Math.max(0, this.#doubtful - 1);
    // of the first update it is zero
    if (isNew && status.updateInterval > 0)
      this.#intervals = [...this.#intervals, status.updateInterval].slice(-REMEMBERED);
    this.#last = status;
    return this.#doubtful > 0;
  }

  /** True if the answer is of the first measurement after a gap. */
  #isAfter({ status, followed }: Answer): boolean {
    if (this.#last === null || status.refTime === this.#last.refTime) return false;
    const usual = Math.max(Math.min(...this.#intervals), followed?.poll ?? 0);
    return status.updateInterval > LONGER * usual;
  }
}
