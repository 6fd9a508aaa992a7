/** What a metric is, and how those of a report are written down: as rows of a table. */
import type { ReportName, ReportValues } from 'chrony-wasm';
import type { Survey } from './snapshot.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** A metric, with all its series. */
export interface Family {
  /** As Prometheus has it, with its unit at the end where it has one: `chrony_tracking_root_delay_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  /** The names of the labels, the same for all samples. */
  readonly labels: readonly string[];
  /** Where it is from; null for what is about the survey itself. */
  readonly report: ReportName | null;
  /** None where the report is not there, or says nothing of this. No two with the same labels. */
  samples(survey: Survey): readonly Sample[];
}

/** One family of a report's. */
export interface Row<T> {
  /** Without `chrony_`. */
  readonly name: string;
  readonly help: string;
  readonly type?: Family['type'];
  /** Labels beside those that all families of the report have. */
  readonly labels?: Readonly<Record<string, (record: T) => string>>;
  /** Null where there is none: never measured, not counted by this chronyd. */
  readonly value: (record: T) => number | null;
}

/** A record of a report, and what tells it from the others. */
export interface Labelled<T> {
  readonly labels: Labels;
  readonly record: T;
}

/** What a report is where chronyd has it at all: some are null where it is not enabled. */
export type Present<Name extends ReportName> = NonNullable<ReportValues[Name]>;

/** The families of a report of one record. */
export function familiesOf<Name extends ReportName>(
  report: Name,
  rows: readonly Row<Present<Name>>[],
): readonly Family[] {
  return familiesOfEach(report, [], (record) => [{ labels: {}, record }], rows);
}

/**
 * The families of a report.
 *
 * @param labels - the names of the labels that each record has
 * @param split - the records, and these labels
 */
export function familiesOfEach<Name extends ReportName, T>(
  report: Name,
  labels: readonly string[],
  split: (value: Present<Name>) => readonly Labelled<T>[],
  rows: readonly Row<T>[],
): readonly Family[] {
  return rows.map(
    ({ name, help, type = 'gauge', labels: own = {}, value }): Family => ({
      name: `chrony_${name}`,
      help,
      type,
      labels: [...labels, ...Object.keys(own)],
      report,
      samples({ reports }) {
        const outcome: { readonly value: ReportValues[Name] | null } | undefined = reports[report];
        if (outcome?.value == null) return [];
        return split(outcome.value).flatMap(({ labels: common, record }) => {
          const number = value(record);
          if (number === null || !Number.isFinite(number)) return [];
          const ownLabels = Object.entries(own).map(([key, text]) => [key, text(record)] as const);
          return [{ labels: { ...common, ...Object.fromEntries(ownLabels) }, value: number }];
        });
      },
    }),
  );
}

/** For what is true or false. */
export function flag(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}
