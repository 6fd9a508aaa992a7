/** A watch for a person: the report, drawn anew in its place. */

import { Fields } from '../../chronyc/reports/fields.ts';
import { sourceName } from '../../chronyc/reports/names.ts';
import type { ReportFormat } from '../../chronyc/reports/report-format.ts';
import { type Line, paint, span, styledLine } from '../../chronyc/styled.ts';
import type { ChronyConnection } from '../../client/connection.ts';
import type { ChronyError } from '../../errors.ts';
import type { ReportField } from '../../reports/report-field.ts';
import { type Output, oneLine, type Terminal } from '../output.ts';
import { type FrameContent, frame } from './frame.ts';
import { History } from './history.ts';
import { Screen } from './screen.ts';
import type { View } from './view.ts';

export interface LiveViewOptions {
  /** The report's. */
  readonly name: string;
  readonly format: ReportFormat;
  /** Seconds. */
  readonly interval: number;
  readonly verbose: boolean;
  readonly terminal: Terminal;
  readonly output: Output;
}

/** `2026-11-25 19:41:36 UTC` */
function now(): string {
  return `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

export class LiveView implements View<ReportField[][]> {
  readonly #records: (chrony: ChronyConnection) => Promise<ReportField[][]>;
  readonly #options: LiveViewOptions;
  readonly #history = new History();
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

  ask(chrony: ChronyConnection): Promise<ReportField[][]> {
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

  /** What was seen last stays on the screen that the user had before. */
  async end(): Promise<void> {
    this.#ignoreResize();
    await this.#screen.leave();
    if (this.#body.length === 0) return;
    await this.#options.output.write(`${this.#painted().join('\n')}\n`);
  }

  /** The records' lines, with what stands out; they are what the next ones are compared with. */
  #styled(records: readonly ReportField[][]): Line[] {
    const { format } = this.#options;
    const { separator = '' } = format;
    const seen = new Map<string, { text: string; offset: number | null }>();
    const styled = records.flatMap((record) => {
      const fields = new Fields(record);
      const name = records.length === 1 && format.heading === undefined ? '' : sourceName(fields);
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
    return frame(content, terminal.size(), terminal.unicode).map((line) => paint(line, terminal.colours));
  }

  async #draw(): Promise<void> {
    await this.#screen.draw(this.#painted());
  }
}
