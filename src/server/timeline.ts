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

  /** How many there have ever been, by which a viewer's place is told. */
  get count(): number {
    return this.#count;
  }

  add(point: Point): void {
    this.#points.push(point);
    if (this.#points.length > this.#kept) this.#points.shift();
    this.#count++;
  }

  /** The points after the first so many, without the last one, oldest first, as far as they are kept. */
  between(seen: number): History {
    const first = this.#count - this.#points.length;
    return this.#points.slice(Math.max(0, seen - first), -1);
  }

  /**
   * How many points a viewer has seen whose last one was of this time; 0 if there is none of it here. It must be the same
   * time, and not just a later one: the clock may have been set.
   */
  seenAt(time: number): number {
    const index = this.#points.findLastIndex(([each]) => each === time);
    return index === -1 ? 0 : this.#count - this.#points.length + index + 1;
  }
}
