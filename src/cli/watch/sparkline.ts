/** The course of a value in one line. */

const UNICODE = '▁▂▃▄▅▆▇█';
const ASCII = '.:-=+*#@';

/** What was missed. */
const GAP = ' ';

/**
 * A character for each of the last values, from the least to the greatest of these.
 *
 * @param values - null where there was none
 */
export function sparkline(values: readonly (number | null)[], unicode: boolean): string {
  const levels = unicode ? UNICODE : ASCII;
  const present = values.filter((value) => value !== null);
  const low = Math.min(...present);
  const range = Math.max(...present) - low;
  const top = levels.length - 1;
  return values
    .map((value) => {
      if (value === null) return GAP;
      // one that does not change is in the middle
      const level = range > 0 ? ((value - low) / range) * top : top / 2;
      return levels[Math.round(level)] ?? GAP;
    })
    .join('');
}
