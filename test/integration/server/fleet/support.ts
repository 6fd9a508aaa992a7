/** `chrony-wasm fleet --listen` as a process, and a client for the events of its page. */

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type {
  FleetClock,
  GoneMessage,
  RowMessage,
  RowsMessage,
  TargetMessage,
  TargetsMessage,
} from '../../../../src/server/fleet/messages.ts';
import { type Child, spawn } from '../../../support/spawn.ts';
import { tied } from '../../../support/tied.ts';
import { build } from '../../../system/native/build.ts';
import type { CommandLine } from '../../cli/support.ts';
import { eventsOf } from '../events.ts';
import { type AskOptions, open, Serving } from '../serving.ts';

/** The interval between queries of a clock, in seconds. */
export const INTERVAL_S = 1;

/**
 * Starts a fleet server with short timeouts.
 *
 * @param args - further arguments, including targets
 */
export function startFleet(
  { program }: Pick<CommandLine, 'program'>,
  ...args: readonly string[]
): Promise<Serving> {
  const quick = ['--interval', String(INTERVAL_S), '--timeout', '500', '--retries', '0'];
  return Serving.start({ program, command: 'fleet' }, ...quick, ...args);
}

/** A file of targets that a test changes. */
export class TargetsFile implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'fleet-'));
  readonly path = join(this.#dir, 'targets');

  /** @param lines - one target per line, with its labels */
  constructor(...lines: readonly string[]) {
    this.write(...lines);
  }

  write(...lines: readonly string[]): void {
    writeFileSync(this.path, lines.map((line) => `${line}\n`).join(''));
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true });
  }
}

type FleetEvent =
  | { readonly event: 'clock'; readonly data: FleetClock }
  | { readonly event: 'targets'; readonly data: TargetsMessage }
  | { readonly event: 'rows'; readonly data: RowsMessage }
  | { readonly event: 'gone'; readonly data: GoneMessage }
  | { readonly event: 'topology'; readonly data: number };

/** The state of a page after the events that it has received. */
export class FleetPage implements AsyncDisposable {
  readonly response: IncomingMessage;
  readonly #events: AsyncGenerator<FleetEvent, void>;
  /** The targets by number. */
  readonly targets = new Map<number, TargetMessage>();
  readonly rows = new Map<number, RowMessage>();
  /** The numbers of all removed targets. */
  readonly gone: number[] = [];
  clock: FleetClock | null = null;
  topology = 0;
  /** The names of all events so far. */
  readonly names: FleetEvent['event'][] = [];
  /** The total number of rows sent. */
  sent = 0;

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.#events = eventsOf(response);
  }

  static async open(url: string, options: Pick<AskOptions, 'headers' | 'from'> = {}): Promise<FleetPage> {
    return new FleetPage(await open(new URL('/events', url).href, options));
  }

  /** Processes events until the condition is true. */
  async until(isReached: (page: FleetPage) => boolean): Promise<void> {
    while (!isReached(this)) {
      const { value, done } = await this.#events.next();
      if (done) throw new Error(`the events have ended, after ${this.names.join(' ')}`);
      this.#take(value);
    }
  }

  /** Processes events until the row of a target fulfills the condition. */
  async untilRow(address: string, isExpected: (row: RowMessage) => boolean): Promise<RowMessage> {
    await this.until(() => {
      const row = this.row(address);
      return row !== undefined && isExpected(row);
    });
    return this.row(address) as RowMessage;
  }

  /** The row of a target. */
  row(address: string): RowMessage | undefined {
    const id = this.idOf(address);
    return id === undefined ? undefined : this.rows.get(id);
  }

  idOf(address: string): number | undefined {
    return [...this.targets.values()].find(([, each]) => each === address)?.[0];
  }

  #take(event: FleetEvent): void {
    this.names.push(event.event);
    switch (event.event) {
      case 'clock':
        this.clock = event.data;
        break;
      case 'targets':
        for (const target of event.data) this.targets.set(target[0], target);
        break;
      case 'rows':
        this.sent += event.data.length;
        for (const row of event.data) {
          if (!this.targets.has(row[0])) throw new Error(`a row before its target: ${JSON.stringify(row)}`);
          this.rows.set(row[0], row);
        }
        break;
      case 'gone':
        this.gone.push(...event.data);
        for (const id of event.data) {
          this.targets.delete(id);
          this.rows.delete(id);
        }
        break;
      case 'topology':
        if (event.data <= this.topology) throw new Error(`the topology does not grow: ${event.data}`);
        this.topology = event.data;
        break;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.response.destroy();
  }
}

/** A program that replies on every address of 127.0.0.0/8, and simulates more clocks than a machine can run. */
export class ManyClocks implements AsyncDisposable {
  readonly #child: Child;
  readonly #port: number;
  /** The number of requests for tracking in each tenth of a second since the first one; with `counted` only. */
  readonly arrivals: number[] = [];

  private constructor(child: Child, port: number) {
    this.#child = child;
    this.#port = port;
  }

  /**
   * @param kinds - `varied`: the clocks differ, and one of a hundred is not synchronized; `sources`: in addition, each
   *   clock has four sources; `counted`: counts {@link arrivals}
   */
  static async start(...kinds: readonly ('varied' | 'sources' | 'counted')[]): Promise<ManyClocks> {
    const child = spawn(...tied(await build('fleet', 'gcc'), ...kinds), {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout);
    const [port] = await once(lines, 'line');
    const clocks = new ManyClocks(child, Number(port));
    lines.on('line', (count) => clocks.arrivals.push(Number(count)));
    return clocks;
  }

  /** The addresses of the first `number` clocks. */
  targets(number: number): string[] {
    return this.#addresses(number, 100);
  }

  /** The addresses of `number` clocks that never reply. */
  silent(number: number): string[] {
    return this.#addresses(number, 255);
  }

  #addresses(number: number, net: number): string[] {
    return Array.from(
      { length: number },
      (_, i) =>
        `127.${net + Math.floor(i / 62_500)}.${Math.floor(i / 250) % 250}.${(i % 250) + 1}:${this.#port}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill();
    await exited;
  }
}
