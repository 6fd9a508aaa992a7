/** All metrics, and the selection that an application collects. */
import process from 'node:process';
import type { ChronyError } from 'chrony-wasm';
import { clientHistograms, clients } from './client-families.ts';
import { type ChronyMetricsOptions, Collector, type MetricsReport } from './collector.ts';
import { type Family, flag, type HistogramFamily, type Sample } from './family.ts';
import { activity, rtcdata, serverstats, smoothing, tracking } from './server-families.ts';
import { isUnavailable, type Outcome, type Snapshot } from './snapshot.ts';
import { authdata, ntpdata, selectdata, sources, sourcestats } from './source-families.ts';

/** The outcomes of the reports that chronyd does not refuse to this process. */
function outcomesOf({ reports }: Snapshot): readonly (readonly [name: string, Outcome<unknown>])[] {
  return Object.entries(reports).filter(([, { error }]) => error === null || !isUnavailable(error));
}

function isUp(snapshot: Snapshot): boolean {
  const outcomes = outcomesOf(snapshot);
  // without permission to use the socket every report is off, and chronyd's state is unknown
  return outcomes.length > 0 && outcomes.every(([, { error }]) => error === null);
}

function perCollector(snapshot: Snapshot, value: (outcome: Outcome<unknown>) => number): readonly Sample[] {
  return outcomesOf(snapshot).map(([collector, outcome]) => ({
    labels: { collector },
    value: value(outcome),
  }));
}

const common = { type: 'gauge', report: null } as const;

/** Metrics of the snapshot itself: whether chronyd gave the reports, and how long that took. */
const scrape: readonly Family[] = [
  {
    ...common,
    name: 'chrony_up',
    help: '1, or 0 if chronyd or an enabled collector failed',
    labels: [],
    samples: (snapshot) => [{ labels: {}, value: flag(isUp(snapshot)) }],
  },
  {
    ...common,
    name: 'chrony_scrape_duration_seconds',
    help: 'Duration of all requests to chronyd, in seconds',
    labels: [],
    samples: ({ seconds }) => [{ labels: {}, value: seconds }],
  },
  {
    ...common,
    name: 'chrony_scrape_collector_success',
    help: '1 if chronyd gave the report, 0 if the request failed; absent if chronyd refuses the report or does not know it',
    labels: ['collector'],
    samples: (snapshot) => perCollector(snapshot, ({ error }) => flag(error === null)),
  },
  {
    ...common,
    name: 'chrony_scrape_collector_duration_seconds',
    help: 'Duration of the request for the report, in seconds',
    labels: ['collector'],
    samples: (snapshot) => perCollector(snapshot, ({ seconds }) => seconds),
  },
];

export const families: readonly Family[] = [
  ...scrape,
  ...tracking,
  ...sources,
  ...ntpdata,
  ...sourcestats,
  ...selectdata,
  ...authdata,
  ...activity,
  ...serverstats,
  ...smoothing,
  ...rtcdata,
  ...clients,
];

export const histograms: readonly HistogramFamily[] = clientHistograms;

/**
 * Returns the metrics of the reports in the options, and the collector of their values. By default, refused reports
 * cause a warning of the process, one for all of them.
 *
 * @throws TypeError, RangeError, ChronyConnectionError as the Collector does.
 */
export function metricsOf({ onRefused = newWarner(), ...options }: ChronyMetricsOptions): {
  readonly families: readonly Family[];
  readonly histograms: readonly HistogramFamily[];
  readonly collector: Collector;
} {
  const collector = new Collector({
    ...options,
    // called only with names in `reports`
    onRefused: (name, error) => onRefused(name as MetricsReport, error),
  });
  const isWanted = ({ report }: Family | HistogramFamily): boolean =>
    report === null || collector.reports.includes(report);
  return { families: families.filter(isWanted), histograms: histograms.filter(isWanted), collector };
}

/**
 * Returns a function that collects refused reports, and emits one warning of one line for all refusals of a
 * collection.
 */
function newWarner(): (name: MetricsReport, error: ChronyError) => void {
  const refusals: { readonly name: MetricsReport; readonly error: ChronyError }[] = [];
  return (name, error) => {
    // a collection reports all its refusals in one turn of the event loop
    if (refusals.push({ name, error }) === 1) queueMicrotask(() => warn(refusals.splice(0)));
  };
}

/**
 * Emits one warning for all refused reports. Reports whose messages differ only in the report's name share a
 * sentence.
 */
function warn(refusals: readonly { readonly name: MetricsReport; readonly error: ChronyError }[]): void {
  const byRest = new Map<
    string,
    { readonly message: string; readonly names: [MetricsReport, ...MetricsReport[]] }
  >();
  for (const { name, error } of refusals) {
    const rest = error.message.replace(name, '');
    const alike = byRest.get(rest);
    if (alike === undefined) byRest.set(rest, { message: error.message, names: [name] });
    else alike.names.push(name);
  }
  const sentences = [...byRest.values()].map(({ message, names }) =>
    message.replace(names[0], names.join(', ')),
  );
  const text = sentences.join(' | ').replaceAll(/\s*\n\s*/g, ' ');
  process.emitWarning(`no metrics: ${text}`, { code: refusals[0]?.error.code });
}
