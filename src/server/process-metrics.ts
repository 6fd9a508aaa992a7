/**
 * The metrics `process_*` and `nodejs_*`, by prom-client. A bundle of its own, which is loaded only
 * where they are wanted: import it by its name `#process-metrics`.
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

  /** The event loop is observed from now on. */
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
  // a string, though its type is an enumeration of numbers
  return { name, help, type: String(type) as Metric['type'], series };
}
