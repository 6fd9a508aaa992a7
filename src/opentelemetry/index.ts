/**
 * chronyd's state as metrics of an application that has them by [OpenTelemetry](https://opentelemetry.io).
 *
 * @module
 */
import type { BatchObservableCallback, Meter, Observable } from '@opentelemetry/api';
import type { ChronyMetricsOptions, Family, Labels, Sample } from '#metrics';
import { metricsOf } from '#metrics';
import { instrumentOf } from './instrument.ts';

export type { ChronyMetricsOptions, MetricsReport } from '#metrics';

/** The metrics of a meter, until they are observed no longer. */
export interface ChronyMetrics extends AsyncDisposable {
  /** Observes no longer, and closes the connection to chronyd. The instruments remain, without values. */
  close(): Promise<void>;
}

/**
 * Makes an observable instrument of a meter for each metric, all of one callback: at each collection chronyd is asked
 * once, for everything, and for no longer than `limitMs`: what is not answered by then is not observed, and `chrony.up`
 * is 0. What was there and is no longer, such as a source, is `NaN`, for a cumulative reader would repeat its last value.
 *
 * The names are those of `chrony-wasm/prometheus` with dots, and with the unit beside them:
 * `chrony_tracking_root_delay_seconds` is `chrony.tracking.root_delay` in `s`. The attributes are its labels. Of `clients`
 * there is `chrony.clients.connected` only: OpenTelemetry has no histogram whose values are observed.
 *
 * A report that chronyd refuses to give to this process has no metrics; the rest goes on. Unless you give `onRefused`,
 * it is a warning of the process, once. It is asked for again some minutes later.
 *
 * @param meter - of `@opentelemetry/api`, version 1.3 or later
 * @param options - where chronyd is, which reports, and how long to wait
 * @throws TypeError, RangeError for options of the wrong type or range, such as a report that is none.
 * @throws ChronyConnectionError for an address that cannot be read (`ERR_CHRONY_ADDRESS`).
 *
 * @example
 * import { metrics } from '@opentelemetry/api';
 * import { observeChrony } from 'chrony-wasm/opentelemetry';
 *
 * await using chrony = observeChrony(metrics.getMeter('clock'), { address: '/run/chrony/chronyd.sock' });
 */
export function observeChrony(meter: Meter, options: ChronyMetricsOptions = {}): ChronyMetrics {
  const { families, collector } = metricsOf(options);
  const observables = new Map(families.map((family) => [family, observableOf(meter, family)]));
  const vanished = new Vanished();
  const observe: BatchObservableCallback = async (result) => {
    const snapshot = await collector.take();
    for (const [family, observable] of observables) {
      const samples = family.samples(snapshot);
      for (const { labels, value } of samples) result.observe(observable, value, labels);
      for (const labels of vanished.of(family, samples)) result.observe(observable, Number.NaN, labels);
    }
  };
  const all = [...observables.values()];
  meter.addBatchObservableCallback(observe, all);
  const close = (): Promise<void> => {
    meter.removeBatchObservableCallback(observe, all);
    return collector.close();
  };
  return { close, [Symbol.asyncDispose]: close };
}

function observableOf(meter: Meter, family: Family): Observable {
  const { name, unit } = instrumentOf(family);
  const options = { description: family.help, unit };
  return family.type === 'counter'
    ? meter.createObservableCounter(name, options)
    : meter.createObservableGauge(name, options);
}

/**
 * The series that were observed last time and are not now. The SDK would repeat their last value for ever, for example
 * the bound of an error that is no longer known, so each is observed once more, as NaN. Counters are excluded: the SDK
 * adds up their differences, so the sum would remain NaN.
 */
class Vanished {
  readonly #last = new Map<Family, ReadonlyMap<string, Labels>>();

  /** The labels of the samples that a family had at the previous call, and has no longer. */
  of(family: Family, samples: readonly Sample[]): readonly Labels[] {
    if (family.type === 'counter') return [];
    const before = this.#last.get(family) ?? new Map<string, Labels>();
    const now = new Map(samples.map(({ labels }) => [JSON.stringify(labels), labels]));
    this.#last.set(family, now);
    return [...before].filter(([key]) => !now.has(key)).map(([, labels]) => labels);
  }
}
