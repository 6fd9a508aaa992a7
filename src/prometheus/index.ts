/**
 * chronyd's state as metrics of an application that uses [prom-client](https://github.com/siimon/prom-client), with
 * the names, types, labels and values of chrony_exporter.
 *
 * @module
 */
import type { ChronyMetricsOptions } from '#metrics';
import { metricsOf } from '#metrics';
import { type AnyRegistry, register, registerHistogram } from '../metrics/prom-client.ts';

export type { ChronyMetricsOptions, MetricsReport } from '#metrics';

/** The metrics on a registry, until they are removed. */
export interface ChronyMetrics extends AsyncDisposable {
  /** Removes the metrics from the registry, and closes the connection to chronyd. */
  close(): Promise<void>;
}

/**
 * Registers all metrics with a registry. Each scrape queries chronyd once for all reports, for at most `limitMs`.
 * Metrics without a reply by then are absent, and `chrony_up` is 0; the scrape itself does not fail.
 *
 * A report that chronyd refuses to give to this process has no metrics; the others are not affected. Without
 * `onRefused`, the process emits one warning of one line for all refused reports. They are requested again after some
 * minutes.
 *
 * @param registry - of prom-client, version 15 or later
 * @param options - the address of chronyd, the reports, and the time limit
 * @throws Error if the registry has a metric with one of the names.
 * @throws TypeError, RangeError for options of the wrong type or range, such as an unknown report.
 * @throws ChronyConnectionError for an invalid address (`ERR_CHRONY_ADDRESS`).
 *
 * @example
 * import { register } from 'prom-client';
 * import { collectChrony } from 'chrony-wasm/prometheus';
 *
 * const chrony = collectChrony(register, { reports: ['tracking', 'sources'] });
 * // and at the end of the program
 * await chrony.close();
 */
export function collectChrony(registry: AnyRegistry, options: ChronyMetricsOptions = {}): ChronyMetrics {
  const { families, histograms, collector } = metricsOf(options);
  const registered: string[] = [];
  const unregister = (): void => {
    for (const name of registered.splice(0)) registry.removeSingleMetric(name);
  };
  try {
    for (const family of families) {
      register(registry, family, async () => family.samples(await collector.take()));
      registered.push(family.name);
    }
    for (const family of histograms) {
      registerHistogram(registry, family, async () => family.observations(await collector.take()));
      registered.push(family.name);
    }
  } catch (error) {
    unregister();
    throw error;
  }
  const close = (): Promise<void> => {
    unregister();
    return collector.close();
  };
  return { close, [Symbol.asyncDispose]: close };
}
