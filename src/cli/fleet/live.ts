/** The live view of a fleet: the worst clocks first, with their latest changes, drawn in place on a terminal. */

import { pause } from '../../client/watch.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { ClockRow, ClockState } from '../../fleet/row.ts';
import type { AbortSignalLike } from '../../util/abort.ts';
import { monotonicMs } from '../../util/timers.ts';
import { type Output, oneLine, type Terminal } from '../output.ts';
import { type Line, paint, span } from '../styled.ts';
import { type FrameContent, frame } from '../watch/frame.ts';
import { now, Screen } from '../watch/screen.ts';
import { findingsOf, summaryOf, Table, visible, worstFirst } from './table.ts';

/** The time from one drawing to the next. */
const EVERY_MS = 1000;
/** The time between two analyses of the topology. For many clocks an analysis is the slowest part. */
const FINDINGS_MS = 5000;
/** How many changes are listed. */
const MOST_CHANGES = 5;

export interface LiveFleetOptions {
  /** Seconds. */
  readonly interval: number;
  readonly terminal: Terminal;
  readonly output: Output;
}

export class LiveFleet {
  readonly #options: LiveFleetOptions;
  readonly #screen: Screen;
  /** The last known state of each clock. */
  readonly #states = new Map<string, ClockState>();
  /** The latest change first. */
  #changes: Line[] = [];
  /** Clocks whose state has changed since the last drawing. */
  #changed: ReadonlySet<string> = new Set();
  #problem: string | undefined;
  #findings: readonly Line[] = [];
  #findingsTime = Number.NEGATIVE_INFINITY;
  #fleet: Fleet | null = null;

  constructor(options: LiveFleetOptions) {
    this.#options = options;
    this.#screen = new Screen(
      (text) => options.output.write(text),
      () => void this.#draw(),
    );
  }

  /** Shows a problem with the targets. */
  warn(message: string): void {
    this.#problem = `${now()}: ${oneLine(message)}`;
  }

  /** Shows the fleet until the signal is aborted. */
  async run(fleet: Fleet, ending: AbortSignalLike): Promise<void> {
    this.#fleet = fleet;
    const ignoreResize = this.#options.terminal.onResize(() => void this.#draw());
    try {
      while (!ending.aborted) {
        this.#compare(fleet);
        await this.#draw();
        await pause(EVERY_MS, ending);
      }
    } finally {
      ignoreResize();
      await this.#screen.leave();
      // the last frame stays on the terminal's main screen
      await this.#options.output.write(`${this.#painted(fleet).join('\n')}\n`);
    }
  }

  #compare(fleet: Fleet): void {
    const changed = new Set<string>();
    const changes: Line[] = [];
    for (const { address, state } of fleet.rows()) {
      const before = this.#states.get(address);
      if (before === state) continue;
      this.#states.set(address, state);
      // the first reply is not a change
      if (before === undefined || before === 'pending') continue;
      changed.add(address);
      if (changes.length < MOST_CHANGES) {
        changes.push([span(`${now()}  `, 'faint'), span(`${visible(address)}: ${before}, now ${state}`)]);
      }
    }
    for (const address of this.#states.keys())
      if (fleet.row(address) === undefined) this.#states.delete(address);
    const time = monotonicMs();
    if (time - this.#findingsTime >= FINDINGS_MS) {
      this.#findings = findingsOf(fleet.topology());
      this.#findingsTime = time;
    }
    this.#changed = changed;
    this.#changes = [...changes, ...this.#changes].slice(0, MOST_CHANGES);
  }

  async #draw(): Promise<void> {
    if (this.#fleet !== null) await this.#screen.draw(this.#painted(this.#fleet));
  }

  #painted(fleet: Fleet): string[] {
    const { interval, terminal } = this.#options;
    const size = terminal.size();
    const rows = worstFirst(fleet.rows());
    const content: FrameContent = {
      title: 'chrony-wasm fleet',
      details: `${rows.length} ${rows.length === 1 ? 'target' : 'targets'}, every ${interval} s`,
      time: now(),
      problem: this.#problem,
      body: [summaryOf(rows), ...this.#findings, ...this.#changes, [], ...this.#table(rows, size.rows)],
      courses: new Map(),
    };
    return frame(content, size, terminal.unicode).map((line) => paint(line, terminal.colors));
  }

  /** @param height - the rows of the terminal: further lines are only counted */
  #table(rows: readonly ClockRow[], height: number): Line[] {
    const shown = rows.slice(0, height);
    const table = new Table(shown, Date.now() / 1000);
    const lines = shown.map((row) =>
      table.line(row, ...(this.#changed.has(row.address) ? (['changed'] as const) : [])),
    );
    return [table.heading, ...lines, ...rows.slice(height).map(() => [])];
  }
}
