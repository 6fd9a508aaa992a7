/**
 * What chronyd is only asked for when a request to this server needs it: its clients, of which there may be thousands, and
 * the manual list. Concurrent requests share the answer, which also serves the requests of the next second.
 */
import type { Snapshot, SnapshotQuestion } from '#metrics';
import { Collector, type SharedCollectorOptions } from '#metrics';
import { FRESH_MS } from './metrics.ts';

export class OnDemand implements AsyncDisposable {
  readonly #collectors: ReadonlyMap<SnapshotQuestion, Collector>;

  /**
   * @param wanted - the questions that are switched on
   * @param options - of the collectors; the reports are set here
   */
  constructor(wanted: readonly SnapshotQuestion[], options: Omit<SharedCollectorOptions, 'reports'>) {
    this.#collectors = new Map(wanted.map((name) => [name, new Collector({ ...options, reports: [name] })]));
  }

  /** The questions that are switched on. */
  get names(): readonly SnapshotQuestion[] {
    return [...this.#collectors.keys()];
  }

  /** A snapshot with the answer to this question alone; null if it is switched off. */
  async take(name: SnapshotQuestion, waitLimitMs: number): Promise<Snapshot | null> {
    return (await this.#collectors.get(name)?.take(FRESH_MS, waitLimitMs)) ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#collectors.values()].map((collector) => collector.close()));
  }
}
