/** Metrics on a registry of prom-client, and a snapshot as text that Prometheus reads. */
import {
  Counter,
  Gauge,
  Histogram,
  type OpenMetricsContentType,
  type PrometheusContentType,
  Registry,
} from 'prom-client';
import type { Family, HistogramFamily, Sample, Snapshot } from '#metrics';
import { families, histograms } from '#metrics';

export type AnyRegistry = Registry<PrometheusContentType> | Registry<OpenMetricsContentType>;

/**
 * Registers a metric.
 *
 * @param samples - gives all current samples; series without one disappear
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
      // chronyd gives the total, which is added to nothing
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
 * @param observations - gives all current observations; null for no series
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
      // a histogram of no observations has series, too
      histogram.zero({});
      for (const value of now) histogram.observe(value);
    },
  });
}

export interface Exposition {
  /** For the header `Content-Type`. */
  readonly contentType: string;
  readonly body: string;
}

/** The formats of the text. */
export type Format = 'prometheus' | 'openmetrics';

/** @param accept - the header of that name: OpenMetrics is given only to clients that accept it */
export function formatFor(accept: string): Format {
  return accept.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';
}

/** @param addMore - registers other metrics */
export async function expositionOf(
  snapshot: Snapshot,
  format: Format = 'prometheus',
  addMore: (registry: AnyRegistry) => void = () => {},
): Promise<Exposition> {
  const registry = registryFor(format);
  for (const family of families) {
    const samples = family.samples(snapshot);
    if (samples.length > 0) register(registry, family, () => samples);
  }
  for (const family of histograms) {
    const observations = family.observations(snapshot);
    if (observations !== null) registerHistogram(registry, family, () => observations);
  }
  addMore(registry);
  return { contentType: registry.contentType, body: await registry.metrics() };
}

/** An empty registry that writes this format. */
export function registryFor(format: Format): AnyRegistry {
  if (format === 'prometheus') return new Registry();
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
