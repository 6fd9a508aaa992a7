/**
 * The extension reports that are requested only when a request to this server needs them: the clients of chronyd, of
 * which there may be thousands, and the manual list. Concurrent requests share a reply, which also serves the requests
 * of the next second.
 */
import type { Snapshot, SnapshotExtension } from '#metrics';
import { Collector, type SharedCollectorOptions } from '#metrics';
import { FRESH_MS } from './metrics.ts';

export class OnDemand implements AsyncDisposable {
  readonly #collectors: ReadonlyMap<SnapshotExtension, Collector>;

  /**
   * @param wanted - the enabled extension reports
   * @param options - the options of the collectors, without the reports, which are set here
   */
  constructor(wanted: readonly SnapshotExtension[], options: Omit<SharedCollectorOptions, 'reports'>) {
    this.#collectors = new Map(wanted.map((name) => [name, new Collector({ ...options, reports: [name] })]));
  }

  /** The enabled extension reports. */
  get names(): readonly SnapshotExtension[] {
    return [...this.#collectors.keys()];
  }

  /** Takes a snapshot of this extension report only; null if the report is not enabled. */
  async take(name: SnapshotExtension, waitLimitMs: number): Promise<Snapshot | null> {
    return (await this.#collectors.get(name)?.take(FRESH_MS, waitLimitMs)) ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#collectors.values()].map((collector) => collector.close()));
  }
}
