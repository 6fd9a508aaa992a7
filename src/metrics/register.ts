/** A metric on a registry of prom-client. */
import {
  Counter,
  Gauge,
  type OpenMetricsContentType,
  type PrometheusContentType,
  type Registry,
} from 'prom-client';
import type { Family, Sample } from '#metrics';

export type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/** @param samples - gives those of now, all of them: others vanish. */
export function register(
  registry: AnyRegistry,
  { name, help, type, labels }: Family,
  samples: () => readonly Sample[] | Promise<readonly Sample[]>,
): void {
  const configuration = { name, help, labelNames: labels, registers: [registry] };
  if (type === 'counter') {
    const counter: Counter = new Counter({
      ...configuration,
      // chronyd counts: what it says is added to nothing
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

  /** Without a pause, so that two scrapes at once do not get into each other. */
  function replace(metric: Counter | Gauge, now: readonly Sample[], put: (sample: Sample) => void): void {
    metric.reset();
    // where there are no labels, that left a zero
    if (labels.length === 0) metric.remove();
    for (const sample of now) put(sample);
  }
}
