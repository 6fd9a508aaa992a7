/** The points of the last hour. */
import type { History, Point } from './messages.ts';

const SECONDS = 3600;
/** More than any chart is wide. */
const MOST_POINTS = 1800;

export class Timeline {
  readonly #points: Point[] = [];
  readonly #kept: number;
  /** How many there have ever been. */
  #count = 0;

  /** @param interval - from one point to the next, in seconds */
  constructor(interval: number) {
    this.#kept = Math.min(Math.ceil(SECONDS / interval), MOST_POINTS);
  }

  /** How many there have been; so a number for what has been seen up to now. */
  get count(): number {
    return this.#count;
  }

  add(point: Point): void {
    this.#points.push(point);
    if (this.#points.length > this.#kept) this.#points.shift();
    this.#count++;
  }

  /** The points after so many, but for the last, oldest first, as far as they are kept. */
  between(seen: number): History {
    const first = this.#count - this.#points.length;
    return this.#points.slice(Math.max(0, seen - first), -1);
  }

  /**
   * How many had been seen by who saw this time last; 0 if it is not known here. By what is the same, not by what is
   * later: the clock may be set.
   */
  seenAt(time: number): number {
    const index = this.#points.findLastIndex(([each]) => each === time);
    return index === -1 ? 0 : this.#count - this.#points.length + index + 1;
  }
}
