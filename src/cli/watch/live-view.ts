/** The live view of a report, redrawn in place on the terminal's alternate screen. */
import { Fields, sourceAddress } from '../../chronyc/fields.ts';
import type { ReportFormat } from '../../chronyc/reports.ts';
import type { ChronyConnection } from '../../client/connection.ts';
import type { ChronyError } from '../../errors.ts';
import type { ReportField } from '../../reports/report-field.ts';
import { type Output, oneLine, type Terminal } from '../output.ts';
import { type Line, paint, span, styledLine } from '../styled.ts';
import { type FrameContent, frame } from './frame.ts';
import type { View } from './loop.ts';
import { now, Screen } from './screen.ts';

export interface LiveViewOptions {
  /** The name of the report. */
  readonly name: string;
  readonly format: ReportFormat;
  /** Seconds. */
  readonly interval: number;
  readonly verbose: boolean;
  readonly terminal: Terminal;
  readonly output: Output;
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

export class LiveView implements View<ReportField[][]> {
  readonly #records: (chrony: ChronyConnection) => Promise<ReportField[][]>;
  readonly #options: LiveViewOptions;
  readonly #history = new OffsetHistory();
  readonly #screen: Screen;
  readonly #ignoreResize: () => void;
  #address = '';
  #body: readonly Line[] = [];
  #time = '';
  #problem: string | undefined;

  constructor(records: (chrony: ChronyConnection) => Promise<ReportField[][]>, options: LiveViewOptions) {
    this.#records = records;
    this.#options = options;
    const redraw = (): void => void this.#draw();
    this.#screen = new Screen((text) => options.output.write(text), redraw);
    this.#ignoreResize = options.terminal.onResize(() => {
      if (this.#body.length > 0) redraw();
    });
  }

  query(chrony: ChronyConnection): Promise<ReportField[][]> {
    this.#address = chrony.address;
    return this.#records(chrony);
  }

  async show(records: ReportField[][]): Promise<void> {
    const { legend = '', heading = '' } = this.#options.format;
    const head = lines((this.#options.verbose ? legend : '') + heading);
    this.#body = [...head.map((line) => [span(line)]), ...this.#styled(records)];
    this.#problem = undefined;
    this.#time = now();
    await this.#draw();
  }

  async fail(error: ChronyError): Promise<void> {
    this.#history.miss();
    this.#problem = `${now()}: ${oneLine(error.message)}`;
    await this.#draw();
  }

  /** Leaves the last frame on the terminal's main screen. */
  async end(): Promise<void> {
    this.#ignoreResize();
    await this.#screen.leave();
    if (this.#body.length === 0) return;
    await this.#options.output.write(`${this.#painted().join('\n')}\n`);
  }

  /** Styles the lines of the records, and keeps them for the comparison with the next records. */
  #styled(records: readonly ReportField[][]): Line[] {
    const { format } = this.#options;
    const { separator = '' } = format;
    const seen = new Map<string, { text: string; offset: number | null }>();
    const styled = records.flatMap((record) => {
      const fields = new Fields(record);
      const name = records.length === 1 && format.heading === undefined ? '' : sourceAddress(fields);
      const text = format.text(fields);
      const before = lines(this.#history.textBefore(name) ?? '');
      const marks = format.marks?.(fields) ?? [];
      seen.set(name, { text, offset: format.offset?.(fields) ?? null });
      return [
        ...lines(separator).map(() => []),
        ...lines(text).map((line, i) => styledLine(line, marks, before[i])),
      ];
    });
    this.#history.add(seen);
    return styled;
  }

  #painted(): string[] {
    const { name, interval, terminal } = this.#options;
    const content: FrameContent = {
      title: `chrony-wasm watch ${name}`,
      details: `${this.#address}, every ${interval} s`,
      time: this.#time,
      problem: this.#problem,
      body: this.#body,
      courses: this.#history.courses,
    };
    return frame(content, terminal.size(), terminal.unicode).map((line) => paint(line, terminal.colors));
  }

  async #draw(): Promise<void> {
    await this.#screen.draw(this.#painted());
  }
}

/** The number of kept values: more than the columns of any terminal. */
const KEPT = 500;

/** The last text of each source, and the history of its offset. */
class OffsetHistory {
  /** By the source's name, in the order of appearance. The name is empty for a report with one record. */
  readonly courses = new Map<string, (number | null)[]>();
  #texts: ReadonlyMap<string, string> = new Map();
  #turns = 0;

  /** The previous text of a source; undefined if it is new. */
  textBefore(name: string): string | undefined {
    return this.#texts.get(name);
  }

  /** Adds a turn: the text of every source, and its offset, null if it has none. */
  add(records: ReadonlyMap<string, { readonly text: string; readonly offset: number | null }>): void {
    this.#texts = new Map([...records].map(([name, { text }]) => [name, text]));
    for (const [name, { offset }] of records) {
      if (offset !== null && !this.courses.has(name)) this.courses.set(name, this.#gaps());
    }
    for (const [name, course] of this.courses) push(course, records.get(name)?.offset ?? null);
    // forget sources that vanished long ago
    for (const [name, course] of this.courses) {
      if (course.every((value) => value === null)) this.courses.delete(name);
    }
    this.#turns++;
  }

  /** Adds a turn without a reply. */
  miss(): void {
    for (const course of this.courses.values()) push(course, null);
    this.#turns++;
  }

  /** The history of a new source: gaps, so that the last values of all sources are of the same turn. */
  #gaps(): (number | null)[] {
    return new Array<number | null>(Math.min(this.#turns, KEPT)).fill(null);
  }
}

function push(course: (number | null)[], value: number | null): void {
  course.push(value);
  if (course.length > KEPT) course.shift();
}
