/** One frame of a live view: lines that fit the terminal, with a chart of each offset below the report. */
import { signedOffset } from '../../chronyc/values.ts';
import { wrap } from '../manual/help.ts';
import { cut, type Line, lineLength, span } from '../styled.ts';

export interface FrameContent {
  /** The command. */
  readonly title: string;
  /** The address of chronyd, and the interval. */
  readonly details: string;
  /** The time of the last reply. */
  readonly time: string;
  /** The error of the last request; undefined if it succeeded. */
  readonly problem: string | undefined;
  readonly body: readonly Line[];
  /** The course of each source's offset. */
  readonly courses: ReadonlyMap<string, readonly (number | null)[]>;
}

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/** The width of a chart, in columns. */
const SHORTEST_CHART = 8;
const LONGEST_CHART = 60;
/** The longest text beside a chart: gaps, the last offset, and its range. */
const BESIDE_CHART = '    +9999ns  (+9999ns to +9999ns)'.length;

function header({ title, details, time }: FrameContent, columns: number): Line {
  const left = [span(title, 'strong'), span(`  ${details}`, 'faint')];
  const gap = columns - lineLength(left) - time.length;
  return gap >= 2 ? [...left, span(' '.repeat(gap)), span(time)] : left;
}

/** A line for each source: name, chart, the last offset, and its range. */
function chart(courses: FrameContent['courses'], columns: number, unicode: boolean): Line[] {
  if (courses.size === 0) return [];
  const nameWidth = Math.max('Offset'.length, ...[...courses.keys()].map((name) => name.length));
  const text = (seconds: number): string => signedOffset(seconds).trim();
  const width = Math.min(Math.max(columns - nameWidth - BESIDE_CHART, SHORTEST_CHART), LONGEST_CHART);
  const rows = [...courses].map(([name, course]) => {
    const shown = course.slice(-width);
    const present = shown.filter((value) => value !== null);
    const range =
      present.length === 0 ? '' : `  (${text(Math.min(...present))} to ${text(Math.max(...present))})`;
    const last = shown.at(-1) ?? null;
    const latest = last === null ? '' : text(last);
    return [
      span((name || 'Offset').padEnd(nameWidth + 2)),
      span(sparkline(shown, unicode).padStart(width)),
      span(`  ${latest.padStart(7)}`, 'strong'),
      span(range, 'faint'),
    ];
  });
  const titled = courses.has('') ? rows : [[span('Offset', 'strong')], ...rows];
  return [[], ...titled];
}

/** Lines that are too wide are cut. The last line says how many lines do not fit. */
export function frame(content: FrameContent, { columns, rows }: FrameSize, unicode: boolean): Line[] {
  const problem =
    content.problem === undefined ? [] : wrap(content.problem, columns).map((line) => [span(line, 'bad')]);
  const lines: Line[] = [
    header(content, columns),
    ...problem,
    [],
    ...content.body,
    ...chart(content.courses, columns, unicode),
  ];
  const shown = lines.slice(0, lines.length > rows ? rows - 1 : rows);
  const hidden = lines.length - shown.length;
  const note: Line[] = hidden === 0 ? [] : [[span(`(${hidden} more lines than fit here)`, 'faint')]];
  return [...shown, ...note].map((line) => cut(line, columns));
}

const UNICODE = '▁▂▃▄▅▆▇█';
const ASCII = '.:-=+*#@';

/** Stands for a missed value. */
const GAP = ' ';

/**
 * Draws a chart in one line: a character for each value, scaled from the least to the greatest.
 *
 * @param values - null for a missed value
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
      // a constant value is in the middle
      const level = range > 0 ? ((value - low) / range) * top : top / 2;
      return levels[Math.round(level)] ?? GAP;
    })
    .join('');
}
