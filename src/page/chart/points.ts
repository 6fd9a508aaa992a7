/** The points that the charts show. */
import type { Point } from '../../server/messages.ts';

/** The number of kept points: more than the server sends. A page may stay open for weeks. */
const KEPT = 20_000;
/**
 * A pause between two points is a gap if it is this many times as long as both the previous pause and the server's
 * interval. The interval alone is not enough: while no page is open, points come from scrapes, which may be rarer.
 */
const PAUSE = 2.5;

/** One array for each part of a point; null while it is unknown. */
export interface Columns {
  readonly times: number[];
  readonly offsets: (number | null)[];
  readonly frequencies: (number | null)[];
  readonly bounds: (number | null)[];
}

export class Points {
  #points: Point[] = [];

  /** Adds points. They replace all kept points from their first time on: after a reconnection the history overlaps, and
   * the server's clock may have been set back.
   */
  add(points: readonly Point[]): void {
    const first = points[0];
    if (first === undefined) return;
    const earlier = this.#points.filter(([time]) => time < first[0]);
    this.#points = [...earlier, ...points].slice(-KEPT);
  }

  /** @param interval - the time from one point to the next while a page is open, in seconds */
  columns(interval: number): Columns {
    const columns: Columns = { times: [], offsets: [], frequencies: [], bounds: [] };
    let before = Number.POSITIVE_INFINITY;
    let usual = interval;
    for (const point of this.#points) {
      const pause = point[0] - before;
      if (pause > PAUSE * usual) push(columns, [before + usual, null, null, null]);
      push(columns, point);
      usual = Math.max(interval, pause);
      before = point[0];
    }
    return columns;
  }
}

function push(
  { times, offsets, frequencies, bounds }: Columns,
  [time, offset, frequency, bound]: Point,
): void {
  times.push(time);
  offsets.push(offset);
  frequencies.push(frequency);
  bounds.push(bound);
}
