/**
 * chronyd's state as metrics of an application that has them by [OpenTelemetry](https://opentelemetry.io).
 *
 * @module
 */
import type { BatchObservableCallback, Meter, Observable, ValueType } from '@opentelemetry/api';
import type { ChronyMetricsOptions, Labels, Sample } from '#metrics';
import { metricsOf } from '#metrics';
import { type Instrument, instrumentOf } from './instrument.ts';
import { ntpInstruments } from './ntp.ts';

export type { ChronyMetricsOptions, MetricsReport } from '#metrics';

/** Which chronyd to query, for which metrics, and for how long to wait. */
export interface ChronyMeterOptions extends ChronyMetricsOptions {
  /**
   * The metrics, and how they are named. `chrony`, the default: all of them, as `chrony.tracking.root_delay` in `s`. `ntp`:
   * the seven metrics of the OpenTelemetry Collector's chronyreceiver, as `ntp.time.root_delay` in `seconds`, with its
   * attribute `leap.status`. These are of the report `tracking` alone, so `reports` cannot be set.
   */
  readonly names?: 'chrony' | 'ntp' | undefined;
}

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
 * `chrony_tracking_root_delay_seconds` is `chrony.tracking.root_delay` in `s`, and `chrony_tracking_skew_ppms` is
 * `chrony.tracking.skew` in `ppm`. The attributes are its labels. Of `clients` there is `chrony.clients.connected` only:
 * the histograms of clients have no instrument, since OpenTelemetry has no observable histogram.
 *
 * With `names: 'ntp'` they are the metrics of the OpenTelemetry Collector's chronyreceiver. `ntp.stratum` is an integer,
 * which cannot be `NaN`: it is 16, which in NTP means not synchronized, when it is no longer known.
 *
 * A report that chronyd refuses to give to this process has no metrics; the rest goes on. Unless you give `onRefused`,
 * the process warns of all refused reports once, in one line. They are asked for again some minutes later.
 *
 * @param meter - of `@opentelemetry/api`, version 1.3 or later
 * @param options - where chronyd is, which metrics, and how long to wait
 * @throws TypeError, RangeError for options of the wrong type or range, such as an unknown report, or `reports` with
 *   `names: 'ntp'`.
 * @throws ChronyConnectionError for an address that cannot be read (`ERR_CHRONY_ADDRESS`).
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

/** The instruments that the options name, and the collector of their values. */
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
      "reports cannot be set with names: 'ntp', whose metrics are of tracking; leave one of them out",
    );
  }
  return {
    instruments: ntpInstruments,
    collector: metricsOf({ ...options, reports: ['tracking'] }).collector,
  };
}

/** `ValueType.INT` of `@opentelemetry/api`, which is not imported: this module loads where it is not installed. */
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
 * The value of a series that is no longer known. The only integer is the stratum, and an SDK ignores NaN for an integer. A
 * counter has none: the SDK adds up differences, so that the sum would remain NaN.
 */
const UNKNOWN: Readonly<Record<Instrument['kind'], number | null>> = {
  gauge: Number.NaN,
  'integer gauge': UNSYNCHRONIZED,
  counter: null,
};

/**
 * The series that were observed last time and are not now. The SDK would repeat their last value for ever, for example
 * the bound of an error that is no longer known, so each is observed once more.
 */
class Vanished {
  readonly #last = new Map<Instrument, ReadonlyMap<string, Labels>>();

  /** The labels of the samples that an instrument had at the previous call, and has no longer. */
  of(instrument: Instrument, samples: readonly Sample[]): readonly Labels[] {
    const before = this.#last.get(instrument) ?? new Map<string, Labels>();
    const now = new Map(samples.map(({ labels }) => [JSON.stringify(labels), labels]));
    this.#last.set(instrument, now);
    return [...before].filter(([key]) => !now.has(key)).map(([, labels]) => labels);
  }
}
