/** Registers metrics with a registry of prom-client. */
import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  type Registry,
} from 'prom-client';
import type { Family, HistogramFamily, Sample } from '#metrics';

export type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/**
 * Registers a metric.
 *
 * @param samples - returns all current samples; series without a sample disappear
 */
export function register(
  registry: AnyRegistry,
  { name, help, type, labels }: Pick<Family, 'name' | 'help' | 'type' | 'labels'>,
  samples: () => readonly Sample[] | Promise<readonly Sample[]>,
): void {
  const configuration = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'counter') {
    const counter: Counter = new Counter({
      ...configuration,
      // chronyd gives the total, which replaces the previous one
      collect: async () =>
        replace(counter, await samples(), (sample) => counter.inc(sample.labels, sample.value)),
    });
  } else {
    const gauge: Gauge = new Gauge({
      ...configuration,
      collect: async () =>
        replace(gauge, await samples(), (sample) => gauge.set(sample.labels, sample.value)),
    });
  }

  /** Synchronous, so that concurrent scrapes do not mix. */
  function replace(metric: Counter | Gauge, now: readonly Sample[], put: (sample: Sample) => void): void {
    metric.reset();
    // without labels, reset() leaves a zero
    if (labels.length === 0) metric.remove();
    for (const sample of now) put(sample);
  }
}

/**
 * Registers a histogram.
 *
 * @param observations - returns all current observations; null for no series
 */
export function registerHistogram(
  registry: AnyRegistry,
  { name, help, buckets }: HistogramFamily,
  observations: () => readonly number[] | null | Promise<readonly number[] | null>,
): void {
  const histogram: Histogram = new Histogram({
    name,
    help,
    buckets: [...buckets],
    registers: [registry],
    collect: async () => {
      const now = await observations();
      histogram.reset();
      if (now === null) return;
      // a histogram without observations has series, too
      histogram.zero({});
      for (const value of now) histogram.observe(value);
    },
  });
}
