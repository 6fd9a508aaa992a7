/** All clocks of a fleet, which are queried in turn, judged, and kept as rows. */
import {
  type ChronyOptions,
  type HealthThresholds,
  type PollResult,
  type TrackingStatus,
  watchMany,
} from 'chrony-wasm';
import type { SharingOptions } from '../client/options.ts';
import { readThresholds } from '../health/thresholds.ts';
import { type AbortSignalLike, newAborter, onAbort } from '../util/abort.ts';
import { monotonicMs, setTimeout } from '../util/timers.ts';
import { Clock, type FleetContext } from './clock.ts';
import { isRefusal, type Names, queryClock } from './query.ts';
import type { ClockRow, Topology } from './row.ts';
import { SourceRows } from './source-rows.ts';
import { SourcesRound } from './sources-round.ts';
import type { TargetList } from './target.ts';
import { topologyOf } from './topology.ts';

export interface FleetOptions {
  /** The time between two requests for `tracking`. */
  readonly intervalMs: number;
  /** The time between two requests for `sources` and their names. */
  readonly sourcesIntervalMs: number;
  readonly thresholds: HealthThresholds;
  /** The client options for each chronyd. */
  readonly chronyd: Omit<ChronyOptions, 'address' | 'signal'>;
  /** The number of clocks that are queried for `tracking` at the same time. */
  readonly concurrency?: number | undefined;
}

/** Called with the addresses of the rows that were changed, added or removed. */
export type FleetListener = (addresses: ReadonlySet<string>) => void;

/** The minimum time between two calls of the listeners. */
const NOTICE_MS = 100;
/** Names expire, because a chronyd restarted with another configuration may give the same sources other names. */
const NAMES_KEPT_MS = 3_600_000;
/** The number of clocks that {@link Fleet.askAll} queries at the same time. Each uses a socket. */
const ALL_AT_ONCE = 250;
const NO_NAMES: Names = new Map();

export class Fleet {
  readonly list: TargetList;
  readonly #options: FleetOptions;
  readonly #chronyd: SharingOptions;
  readonly #context: FleetContext;
  readonly #clocks = new Map<string, Clock>();
  readonly #round: SourcesRound<Clock>;
  readonly #listeners = new Set<FleetListener>();
  /** The addresses of the changes since the last call of the listeners. */
  #changed = new Set<string>();
  /** Null after a change that affects it. */
  #topology: Topology | null = null;

  /** @throws TypeError, RangeError for thresholds that are out of range */
  constructor(list: TargetList, options: FleetOptions) {
    this.list = list;
    this.#options = options;
    // the sources of a clock are requested one after the other, over one socket
    this.#chronyd = { ...options.chronyd, budget: { left: 0 } };
    this.#context = { thresholds: readThresholds(options.thresholds), sourceRows: new SourceRows() };
    this.#round = new SourcesRound(
      options,
      () => this.#clocks.size,
      (clock, signal) => this.#askSources(clock, signal),
    );
    this.#follow();
    list.onChange(() => this.#follow());
  }

  /** Every clock, in the order of the list. */
  *rows(): Generator<ClockRow> {
    for (const address of this.list.targets.keys()) {
      const clock = this.#clocks.get(address);
      if (clock !== undefined) yield clock.row;
    }
  }

  row(address: string): ClockRow | undefined {
    return this.#clocks.get(address)?.row;
  }

  /** Computed on request, and cached until something changes. */
  topology(): Topology {
    this.#topology ??= topologyOf(this.rows());
    return this.#topology;
  }

  /**
   * @param listener - called at most ten times a second
   * @returns a function that removes the listener
   */
  onChange(listener: FleetListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Queries all clocks repeatedly, until the signal is aborted. @throws errors other than those of a clock */
  async run(signal: AbortSignalLike): Promise<void> {
    const stopping = newAborter();
    const ignore = onAbort(signal, () => stopping.abort());
    const ending = <T>(part: Promise<T>): Promise<T> => part.finally(() => stopping.abort());
    try {
      await Promise.all([ending(this.#watch(stopping)), ending(this.#round.run(stopping))]);
    } finally {
      ignore();
    }
  }

  /**
   * Queries each clock once for everything. Failures are recorded as in {@link run}.
   *
   * @param onProgress - called with the number of clocks that have answered or failed
   * @throws the signal's reason
   */
  async askAll(signal: AbortSignalLike, onProgress: (done: number) => void = () => {}): Promise<void> {
    const left = [...this.#clocks.values()].values();
    let done = 0;
    const work = async (): Promise<void> => {
      for (const clock of left) {
        const reply = await queryClock(clock.address, NO_NAMES, this.#chronyd, signal);
        this.#change(clock, () => clock.heardAll(reply, now(), this.#context));
        onProgress(++done);
      }
    };
    await Promise.all(Array.from({ length: ALL_AT_ONCE }, work));
  }

  /** Adds and removes clocks to match the list. */
  #follow(): void {
    const { targets } = this.list;
    for (const [address, clock] of this.#clocks) {
      if (targets.has(address)) continue;
      this.#clocks.delete(address);
      this.#round.forget(clock);
      this.#note(address);
      this.#topology = null;
    }
    for (const [address, target] of targets) {
      const clock = this.#clocks.get(address);
      if (clock === undefined) {
        this.#clocks.set(address, new Clock(target));
        this.#topology = null;
      } else if (clock.labels !== target.labels) {
        clock.labels = target.labels;
      } else {
        continue;
      }
      this.#note(address);
    }
  }

  /** The faster round. */
  async #watch(stop: AbortSignalLike): Promise<void> {
    const clocks = this.#clocks;
    const targets = {
      [Symbol.iterator]: () => clocks.keys(),
      has: (address: string) => clocks.has(address),
    };
    const { intervalMs, concurrency } = this.#options;
    const options = { ...this.#chronyd, intervalMs, concurrency, signal: stop, includeUnchanged: true };
    try {
      for await (const polled of watchMany(targets, 'tracking', options)) this.#settle(polled);
    } catch (error) {
      if (!stop.aborted) throw error;
    }
  }

  #settle({ address, value, error }: PollResult<TrackingStatus>): void {
    const clock = this.#clocks.get(address);
    // the clock was removed meanwhile
    if (clock === undefined) return;
    this.#change(clock, () => {
      if (error !== null) clock.failed(error);
      else this.#round.consider(clock, clock.heard(value, now(), this.#context));
    });
  }

  /** @returns true if it answered */
  async #askSources(clock: Clock, signal: AbortSignalLike): Promise<boolean> {
    const { address } = clock;
    const time = monotonicMs();
    const isNamed = time - clock.namedMs < NAMES_KEPT_MS;
    const reply = await queryClock(address, isNamed ? clock.names : NO_NAMES, this.#chronyd, signal);
    // the faster round records its failures
    if (this.#clocks.get(address) !== clock || reply.tracking.error !== null) return false;
    if (!isNamed) clock.namedMs = time;
    this.#change(clock, () => clock.heardAll(reply, now(), this.#context));
    return reply.sources.error === null || isRefusal(reply.sources.error);
  }

  #change(clock: Clock, change: () => void): void {
    const before = clock.place;
    change();
    if (clock.place !== before) this.#topology = null;
    this.#note(clock.address);
  }

  /** Notifies the listeners soon, of all changes together. */
  #note(address: string): void {
    if (this.#listeners.size === 0) return;
    if (this.#changed.size === 0) {
      setTimeout(() => {
        const changed = this.#changed;
        this.#changed = new Set();
        for (const listener of this.#listeners) listener(changed);
      }, NOTICE_MS);
    }
    this.#changed.add(address);
  }
}

/** Seconds since the epoch. */
function now(): number {
  return Date.now() / 1000;
}
