/** The points that the charts show. */
import type { Point } from '../server/messages.ts';

/** More than the server keeps; a page may stay open for weeks. */
const KEPT = 20_000;
/** A longer pause, in intervals, is one in which nothing was known. */
const PAUSE = 2.5;

/** One array for each part of a point, with nothing where nothing is known. */
export interface Columns {
  readonly times: number[];
  readonly offsets: (number | null)[];
  readonly frequencies: (number | null)[];
  readonly bounds: (number | null)[];
}

export class Points {
  #points: Point[] = [];

  /**
   * Adds later points, or a history, which takes the place of all from its first one on. So do new points where the
   * server's clock was set back: what it had measured by its former time gives way.
   */
  add(points: readonly Point[]): void {
    const first = points[0];
    if (first === undefined) return;
    const earlier = this.#points.filter(([time]) => time < first[0]);
    this.#points = [...earlier, ...points].slice(-KEPT);
  }

  /** @param interval - seconds from one point to the next */
  columns(interval: number): Columns {
    const columns: Columns = { times: [], offsets: [], frequencies: [], bounds: [] };
    let before = Number.POSITIVE_INFINITY;
    for (const point of this.#points) {
      if (point[0] - before > PAUSE * interval) push(columns, [before + interval, null, null, null]);
      push(columns, point);
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
