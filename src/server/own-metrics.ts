/** The metrics of the exporter itself: its version, and if wanted its memory, processor time and event loop. */
import process from 'node:process';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type AnyRegistry, register } from '../metrics/prom-client.ts';

const BUILD_INFO = {
  name: 'chrony_wasm_build_info',
  help: '1; the version of this exporter, and what it runs on',
  labels: ['version', 'runtime'],
  type: 'gauge',
} as const;

export class OwnMetrics {
  readonly #version: string;
  /** Collects `process_*` and `nodejs_*`; null if they are not wanted. */
  readonly #process: Registry | null;

  constructor(version: string, hasProcessMetrics: boolean) {
    this.#version = version;
    this.#process = hasProcessMetrics ? new Registry() : null;
    // it observes the event loop from now on
    if (this.#process !== null) collectDefaultMetrics({ register: this.#process });
  }

  addTo(registry: AnyRegistry): void {
    const labels = { version: this.#version, runtime: `node ${process.versions.node}` };
    register(registry, BUILD_INFO, () => [{ labels, value: 1 }]);
    for (const { name } of this.#process?.getMetricsAsArray() ?? []) {
      const metric = this.#process?.getSingleMetric(name);
      if (metric !== undefined) registry.registerMetric(metric);
    }
  }
}
