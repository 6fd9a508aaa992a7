/** A metric with all its series, and the table rows that define the metrics of a report. */
import type { Snapshot, SnapshotName, SnapshotValues } from './snapshot.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A metric, with all its series. */
export interface Family {
  /** The Prometheus name, which ends with the unit if there is one: `chrony_tracking_root_delay_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** The names of the labels, the same for all samples. */
  readonly labels: readonly string[];
  /** The report of the metric; null for a metric of the snapshot itself. */
  readonly report: SnapshotName | null;
  /** Empty if the snapshot has no such report or value. No two samples have the same labels. */
  samples(snapshot: Snapshot): readonly Sample[];
}

/** A metric whose observations are counted in buckets. It has no labels. */
export interface HistogramFamily {
  /** The same as in {@link Family}. */
  readonly name: string;
  readonly help: string;
  /** The upper bounds of the buckets, without infinity. */
  readonly buckets: readonly number[];
  readonly report: SnapshotName;
  /** All observations of the snapshot, from which the whole histogram is made; null if the snapshot has no such report. */
  observations(snapshot: Snapshot): readonly number[] | null;
}

/** One metric of a report. */
export interface Row<T> {
  /** Without `chrony_`. */
  readonly name: string;
  readonly help: string;
  readonly type?: Family['type'];
  /** Labels in addition to the common labels of the report. */
  readonly labels?: Readonly<Record<string, (record: T, snapshot: Snapshot) => string>>;
  /** Null if there is no value: never measured, or not counted by this chronyd. */
  readonly value: (record: T, snapshot: Snapshot) => number | null;
}

/** A record of a report, and the labels that identify it. */
export interface Labelled<T> {
  readonly labels: Labels;
  readonly record: T;
}

/** The value of a report that is present: some reports are null while their feature is not enabled. */
export type Present<Name extends SnapshotName> = NonNullable<SnapshotValues[Name]>;

/** Defines the metrics of a report of one record. */
export function familiesOf<Name extends SnapshotName>(
  report: Name,
  rows: readonly Row<Present<Name>>[],
): readonly Family[] {
  return familiesOfEach(report, [], (record) => [{ labels: {}, record }], rows);
}

/**
 * Defines the metrics of a report.
 *
 * @param labels - the names of the labels that each record has
 * @param split - returns the records with the values of these labels
 */
export function familiesOfEach<Name extends SnapshotName, T>(
  report: Name,
  labels: readonly string[],
  split: (value: Present<Name>, snapshot: Snapshot) => readonly Labelled<T>[],
  rows: readonly Row<T>[],
): readonly Family[] {
  // computed once for all metrics of the report
  const splits = new WeakMap<Snapshot, readonly Labelled<T>[]>();
  const recordsIn = (snapshot: Snapshot): readonly Labelled<T>[] => {
    const known = splits.get(snapshot);
    if (known !== undefined) return known;
    const present = reportIn(snapshot, report);
    const records = present === null ? [] : split(present, snapshot);
    splits.set(snapshot, records);
    return records;
  };
  return rows.map(
    ({ name, help, type = 'gauge', labels: own, value }): Family => ({
      name: `chrony_${name}`,
      help,
      type,
      labels: own === undefined ? labels : [...labels, ...Object.keys(own)],
      report,
      samples(snapshot) {
        const samples: Sample[] = [];
        for (const { labels: common, record } of recordsIn(snapshot)) {
          const number = value(record, snapshot);
          if (number === null || !Number.isFinite(number)) continue;
          const all = own === undefined ? common : { ...common, ...textsOf(own, record, snapshot) };
          samples.push({ labels: all, value: number });
        }
        return samples;
      },
    }),
  );
}

function textsOf<T>(labels: NonNullable<Row<T>['labels']>, record: T, snapshot: Snapshot): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, text(record, snapshot)]));
}

/** The value of a report in a snapshot; null if there is none. */
export function reportIn<Name extends SnapshotName>(
  { reports }: Snapshot,
  report: Name,
): Present<Name> | null {
  const outcome: { readonly value: SnapshotValues[Name] | null } | undefined = reports[report];
  return outcome?.value ?? null;
}

/** The value of a metric that is true or false. */
export function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

/**
 * The names of sources in chronyd's configuration, by the sources' addresses. Empty if chronyd does not give names, or the
 * snapshot has no sources.
 */
type Names = ReadonlyMap<string, string>;

/** Computed once for all metrics of a snapshot. */
const configured = new WeakMap<Snapshot, Names>();

export function configuredNames(snapshot: Snapshot): Names {
  const known = configured.get(snapshot);
  if (known !== undefined) return known;
  const sources = reportIn(snapshot, 'sources') ?? [];
  const names = new Map(sources.flatMap(({ address, name }) => (name === null ? [] : [[address, name]])));
  configured.set(snapshot, names);
  return names;
}
