/**
 * Questions that chronyd is asked only when a request to this server needs the answer: its clients, of which there
 * may be thousands, and the manual list. Concurrent requests share an answer, which also serves the requests of the
 * next second.
 */
import type { Snapshot, SnapshotQuestion } from '#metrics';
import { Collector, type SharedCollectorOptions } from '#metrics';
import { FRESH_MS } from './metrics.ts';

export class OnDemand implements AsyncDisposable {
  readonly #collectors: ReadonlyMap<SnapshotQuestion, Collector>;

  /**
   * @param wanted - the questions that are switched on
   * @param options - the options of the collectors, without the reports, which are set here
   */
  constructor(wanted: readonly SnapshotQuestion[], options: Omit<SharedCollectorOptions, 'reports'>) {
    this.#collectors = new Map(wanted.map((name) => [name, new Collector({ ...options, reports: [name] })]));
  }

  /** The questions that are switched on. */
  get names(): readonly SnapshotQuestion[] {
    return [...this.#collectors.keys()];
  }

  /** Takes a snapshot with the answer to this question only; null if the question is switched off. */
  async take(name: SnapshotQuestion, waitLimitMs: number): Promise<Snapshot | null> {
    return (await this.#collectors.get(name)?.take(FRESH_MS, waitLimitMs)) ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#collectors.values()].map((collector) => collector.close()));
  }
}
