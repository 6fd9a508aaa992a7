/** Gaps between chronyd's measurements. It takes the clock to have been steady in one, which may not be so. */
import type { TrackingStatus } from '../reports/index.ts';
import type { Answer } from './answer.ts';

/** Longer than so many times what is usual is a gap. */
const LONGER = 2.5;
/**
 * So many measurements are in doubt after one: chronyd puts the first on one line with those before the gap, and may be
 * wrong by more than it says if the clock's frequency changed meanwhile; at the second it sees that. One more is to be sure.
 */
const DOUBTFUL = 2;

export class Gaps {
  #last: TrackingStatus | null = null;
  #doubtful = 0;

  /** True if the answer is of the first measurement after one; perhaps not, if that was said without a `poll`. */
  isAfter({ status, poll }: Answer): boolean {
    const last = this.#last;
    if (last === null || status.refTime === last.refTime) return false;
    return status.updateInterval > LONGER * Math.max(last.updateInterval, poll ?? 0);
  }

  /** @returns whether chronyd may be wrong about how wrong it is */
  isDoubtful(answer: Answer): boolean {
    const { status } = answer;
    if (this.isAfter(answer)) this.#doubtful = DOUBTFUL;
    else if (status.refTime !== this.#last?.refTime) this.#doubtful = Math.max(0, this.#doubtful - 1);
    this.#last = status;
    return this.#doubtful > 0;
  }
}
