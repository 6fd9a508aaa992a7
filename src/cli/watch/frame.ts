/** What a live view shows at one moment, as lines that fit the terminal. */

import { cut, type Line, lineLength, span } from '../../chronyc/styled.ts';
import { signedOffset } from '../../chronyc/units.ts';
import { wrap } from '../manual/wrap.ts';
import { sparkline } from './sparkline.ts';

export interface FrameContent {
  /** What is watched, of whom, how often. */
  readonly title: string;
  readonly details: string;
  /** When it was got. */
  readonly time: string;
  /** Why the last request failed; undefined if it did not. */
  readonly problem: string | undefined;
  readonly body: readonly Line[];
  /** The course of each source's offset. */
  readonly courses: ReadonlyMap<string, readonly (number | null)[]>;
}

export interface FrameSize {
  readonly columns: number;
  readonly rows: number;
}

/** The least that a course needs to say anything. */
const SHORTEST_CHART = 8;
const LONGEST_CHART = 60;
/** What stands beside a course at the most: gaps, the last offset, and between which ones it was. */
const BESIDE_CHART = '    +9999ns  (+9999ns to +9999ns)'.length;

function header({ title, details, time }: FrameContent, columns: number): Line {
  const left = [span(title, 'strong'), span(`  ${details}`, 'faint')];
  const gap = columns - lineLength(left) - time.length;
  return gap >= 2 ? [...left, span(' '.repeat(gap)), span(time)] : left;
}

/** A line for each source: name, course, the last offset, and between which ones it was. */
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

/** What is too wide or too long is cut, and that is told. */
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
