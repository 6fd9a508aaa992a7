/**
 * chronyd's state as metrics of an application that has them by [prom-client](https://github.com/siimon/prom-client):
 * with the same names, types, labels and values as chrony_exporter has.
 *
 * @module
 */
import type { ChronyMetricsOptions } from '#metrics';
import { metricsOf } from '#metrics';
import { type AnyRegistry, register, registerHistogram } from '../metrics/prom-client.ts';

export type { ChronyMetricsOptions, MetricsReport } from '#metrics';

/** The metrics on a registry, until they are taken from it again. */
export interface ChronyMetrics extends AsyncDisposable {
  /** Takes the metrics from the registry, and closes the connection to chronyd. */
  close(): Promise<void>;
}

/**
 * Puts all metrics on a registry. Each time it is scraped chronyd is asked once, for everything, and for no longer than
 * `limitMs`: what is not answered by then is absent, and `chrony_up` is 0. A scrape does not fail for it.
 *
 * A report that chronyd refuses to give to this process has no metrics; the rest goes on. Unless you give `onRefused`,
 * the process warns of all refused reports once, in one line. They are asked for again some minutes later.
 *
 * @param registry - of prom-client, version 15 or later
 * @param options - where chronyd is, which reports, and how long to wait
 * @throws Error if the registry has a metric with one of the names.
 * @throws TypeError, RangeError for options of the wrong type or range, such as an unknown report.
 * @throws ChronyConnectionError for an address that cannot be read (`ERR_CHRONY_ADDRESS`).
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
