/** The metrics of the exporter itself: its version and, if enabled, its memory, CPU time and event loop. */
import process from 'node:process';
import type { ProcessMetrics } from '#process-metrics';
import type { Metric } from '../metrics/text.ts';

export class OwnMetrics {
  readonly #build: Metric;
  readonly #process: ProcessMetrics | null;

  /** @param process - collects `process_*` and `nodejs_*`; null if they are disabled */
  private constructor(version: string, processMetrics: ProcessMetrics | null) {
    const labels = { version, runtime: `node ${process.versions.node}` };
    this.#build = {
      name: 'chrony_wasm_build_info',
      help: '1; the version of this exporter, and what it runs on',
      type: 'gauge',
      series: [{ labels, value: 1 }],
    };
    this.#process = processMetrics;
  }

  static async start(version: string, hasProcessMetrics: boolean): Promise<OwnMetrics> {
    if (!hasProcessMetrics) return new OwnMetrics(version, null);
    const { ProcessMetrics } = await import('#process-metrics');
    return new OwnMetrics(version, new ProcessMetrics());
  }

  async now(): Promise<readonly Metric[]> {
    return [this.#build, ...((await this.#process?.now()) ?? [])];
  }
}
