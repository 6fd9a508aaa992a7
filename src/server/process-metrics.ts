/**
 * The metrics `process_*` and `nodejs_*`, from prom-client. This is a separate bundle, which is loaded only if the
 * metrics are enabled: import it as `#process-metrics`.
 */
import {
  collectDefaultMetrics,
  type MetricObjectWithValues,
  type MetricValueWithName,
  Registry,
} from 'prom-client';
import type { Metric, Series } from '../metrics/text.ts';

export class ProcessMetrics {
  readonly #registry = new Registry();

  /** Starts to observe the event loop. */
  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  async now(): Promise<readonly Metric[]> {
    const all = await this.#registry.getMetricsAsJSON();
    return all.map(metricOf);
  }
}

function metricOf({ name, help, type, values }: MetricObjectWithValues<MetricValueWithName<string>>): Metric {
  const series = values.map(({ metricName = name, labels, value }): Series => {
    const texts = Object.entries(labels).map(([label, text]) => [label, String(text)]);
    // a series of a histogram has a name of its own
    const own = metricName === name ? {} : { suffix: metricName.slice(name.length) };
    return { ...own, labels: Object.fromEntries(texts), value };
  });
  // a string, although its declared type is a numeric enumeration
  return { name, help, type: String(type) as Metric['type'], series };
}
