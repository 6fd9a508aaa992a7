/**
 * chronyd's state as metrics of an application that uses [OpenTelemetry](https://opentelemetry.io).
 *
 * @module
 */
import type { BatchObservableCallback, Meter, Observable, ValueType } from '@opentelemetry/api';
import type { ChronyMetricsOptions, Labels, Sample } from '#metrics';
import { metricsOf } from '#metrics';
import { type Instrument, instrumentOf } from './instrument.ts';
import { ntpInstruments } from './ntp.ts';

export type { ChronyMetricsOptions, MetricsReport } from '#metrics';

/** Which chronyd to query, for which metrics, and how long to wait. */
export interface ChronyMeterOptions extends ChronyMetricsOptions {
  /**
   * The metrics and their names:
   * - `chrony`, the default: all metrics, e.g. `chrony.tracking.root_delay` in `s`.
   * - `ntp`: the seven metrics of the OpenTelemetry Collector's chronyreceiver, e.g. `ntp.time.root_delay` in
   *   `seconds`, with its attribute `leap.status`. They use the report `tracking` alone, so `reports` cannot be set.
   */
  readonly names?: 'chrony' | 'ntp' | undefined;
}

/** The metrics of a meter, until they are no longer observed. */
export interface ChronyMetrics extends AsyncDisposable {
  /** Stops observing, and closes the connection to chronyd. The instruments remain, without values. */
  close(): Promise<void>;
}

/**
 * Creates an observable instrument of a meter for each metric, all with one callback. Each collection queries chronyd
 * once for all reports, for at most `limitMs`. Metrics without a reply by then are not observed, and `chrony.up` is
 * 0. A series that disappears, e.g. with its source, is observed as `NaN`, because a cumulative reader would repeat
 * its last value.
 *
 * The names are those of `chrony-wasm/prometheus` with dots, and the unit is separate. The labels become attributes.
 * `chrony_tracking_root_delay_seconds` becomes `chrony.tracking.root_delay` in `s`, and `chrony_tracking_skew_ppms`
 * becomes `chrony.tracking.skew` in `ppm`. Of `clients` there is only `chrony.clients.connected`: the histograms have
 * no instrument, because OpenTelemetry has no observable histogram.
 *
 * With `names: 'ntp'` they are the metrics of the OpenTelemetry Collector's chronyreceiver. `ntp.stratum` is an
 * integer, which cannot be `NaN`: while unknown it is 16, which in NTP means not synchronized.
 *
 * A report that chronyd refuses to give to this process has no metrics; the others are not affected. Without
 * `onRefused`, the process emits one warning of one line for all refused reports. They are requested again after some
 * minutes.
 *
 * @param meter - of `@opentelemetry/api`, version 1.3 or later
 * @param options - the address of chronyd, the metrics, and the time limit
 * @throws TypeError, RangeError for options of the wrong type or range, such as an unknown report, or `reports` with
 *   `names: 'ntp'`.
 * @throws ChronyConnectionError for an invalid address (`ERR_CHRONY_ADDRESS`).
 *
 * @example
 * import { metrics } from '@opentelemetry/api';
 * import { observeChrony } from 'chrony-wasm/opentelemetry';
 *
 * const chrony = observeChrony(metrics.getMeter('clock'), { address: '/run/chrony/chronyd.sock' });
 * // and at the end of the program
 * await chrony.close();
 */
export function observeChrony(meter: Meter, options: ChronyMeterOptions = {}): ChronyMetrics {
  const { instruments, collector } = instrumentsOf(options);
  const observables = new Map(instruments.map((each) => [each, observableOf(meter, each)]));
  const vanished = new Vanished();
  const observe: BatchObservableCallback = async (result) => {
    const snapshot = await collector.take();
    for (const [instrument, observable] of observables) {
      const samples = instrument.samples(snapshot);
      for (const { labels, value } of samples) result.observe(observable, value, labels);
      const unknown = UNKNOWN[instrument.kind];
      if (unknown === null) continue;
      for (const labels of vanished.of(instrument, samples)) result.observe(observable, unknown, labels);
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

/** Returns the instruments that the options select, and the collector of their values. */
function instrumentsOf({ names = 'chrony', ...options }: ChronyMeterOptions): {
  readonly instruments: readonly Instrument[];
  readonly collector: ReturnType<typeof metricsOf>['collector'];
} {
  if (names === 'chrony') {
    const { families, collector } = metricsOf(options);
    return { instruments: families.map(instrumentOf), collector };
  }
  if (names !== 'ntp') throw new RangeError(`names must be 'chrony' or 'ntp', not ${String(names)}`);
  if (options.reports !== undefined) {
    throw new TypeError(
      "reports cannot be used with names: 'ntp', which uses the report tracking only; omit one of them",
    );
  }
  return {
    instruments: ntpInstruments,
    collector: metricsOf({ ...options, reports: ['tracking'] }).collector,
  };
}

/**
 * `ValueType.INT` of `@opentelemetry/api`. It is not imported because this module must load if the package is not
 * installed.
 */
const INT: ValueType = 0;

function observableOf(meter: Meter, { name, description, unit, kind }: Instrument): Observable {
  if (kind === 'counter') return meter.createObservableCounter(name, { description, unit });
  return meter.createObservableGauge(name, {
    description,
    unit,
    ...(kind === 'integer gauge' && { valueType: INT }),
  });
}

/** NTP's stratum of a clock that is not synchronized. */
const UNSYNCHRONIZED = 16;

/**
 * The value of a series that is no longer known. The only integer is the stratum, and SDKs ignore NaN for integers. A
 * counter has no such value: the SDK sums up differences, so the sum would remain NaN.
 */
const UNKNOWN: Readonly<Record<Instrument['kind'], number | null>> = {
  gauge: Number.NaN,
  'integer gauge': UNSYNCHRONIZED,
  counter: null,
};

/**
 * The series that have disappeared since the previous collection. The SDK would repeat their last value forever, e.g.
 * an error bound that is no longer known, so each is observed once more as unknown.
 */
class Vanished {
  readonly #last = new Map<Instrument, ReadonlyMap<string, Labels>>();

  /** Returns the labels of the samples that an instrument had at the previous call, and no longer has. */
  of(instrument: Instrument, samples: readonly Sample[]): readonly Labels[] {
    const before = this.#last.get(instrument) ?? new Map<string, Labels>();
    const now = new Map(samples.map(({ labels }) => [JSON.stringify(labels), labels]));
    this.#last.set(instrument, now);
    return [...before].filter(([key]) => !now.has(key)).map(([, labels]) => labels);
  }
}
