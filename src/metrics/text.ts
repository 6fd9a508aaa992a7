/**
 * A snapshot as text that Prometheus reads: the same text as prom-client's. prom-client itself would make a registry of
 * objects for each snapshot, which takes five times as long.
 */
import type { Family, HistogramFamily, Labels, Sample, Snapshot } from '#metrics';
import { families, histograms } from '#metrics';

/** The formats of the text. */
export type Format = 'prometheus' | 'openmetrics';

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** @param accept - the header of that name: OpenMetrics is given only to clients that accept it */
export function formatFor(accept: string): Format {
  return accept.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';
}

/** A metric with its current series. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: Family['type'] | 'histogram';
  readonly series: readonly Series[];
}

export interface Series extends Sample {
  /** Added to the name of the metric: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly suffix?: string;
}

export interface Exposition {
  /** For the header `Content-Type`. */
  readonly contentType: string;
  readonly body: string;
}

/** @param more - metrics in addition to those of the snapshot */
export function expositionOf(
  snapshot: Snapshot,
  format: Format = 'prometheus',
  more: readonly Metric[] = [],
): Exposition {
  const writer = new Writer(format);
  for (const family of families) {
    const series = family.samples(snapshot);
    if (series.length > 0) writer.add(family, series);
  }
  for (const family of histograms) {
    const observations = family.observations(snapshot);
    if (observations !== null) writer.add({ ...family, type: 'histogram' }, seriesOf(family, observations));
  }
  for (const metric of more) writer.add(metric, metric.series);
  return { contentType: CONTENT_TYPES[format], body: writer.end() };
}

type Described = Pick<Metric, 'name' | 'help' | 'type'>;

/** What is escaped in a help text, and in the value of a label. */
const SPECIAL = /[\\\n]/g;
const SPECIAL_IN_LABELS = /[\\\n"]/g;

/** Writes metrics. The metrics of a report share the labels of a record, whose text is made once. */
class Writer {
  readonly #format: Format;
  readonly #texts: string[] = [];
  readonly #labels = new Map<Labels, string>();

  constructor(format: Format) {
    this.#format = format;
  }

  add(metric: Described, all: readonly Series[]): void {
    const { name, help, type } = metric;
    // OpenMetrics names a counter without the suffix of its only series
    const isShort = this.#format === 'openmetrics' && type === 'counter';
    const named = isShort ? name.replace(/_total$/, '') : name;
    const total = isShort ? '_total' : '';
    if (this.#texts.length > 0 && this.#format === 'prometheus') this.#texts.push('\n');
    this.#texts.push('# HELP ', named, ' ', escaped(help, SPECIAL), '\n# TYPE ', named, ' ', type, '\n');
    for (const { suffix = total, labels, value } of all) {
      this.#texts.push(named, suffix, this.#textOf(labels), ' ', numberText(value), '\n');
    }
  }

  #textOf(labels: Labels): string {
    const known = this.#labels.get(labels);
    if (known !== undefined) return known;
    const text = labelText(labels);
    this.#labels.set(labels, text);
    return text;
  }

  end(): string {
    if (this.#format === 'openmetrics') this.#texts.push('# EOF\n');
    return this.#texts.join('');
  }
}

/** The series of a histogram: how many observations are at most each bound, their sum, and how many there are. */
function seriesOf({ buckets }: HistogramFamily, observations: readonly number[]): Series[] {
  const bounds = [...buckets, Number.POSITIVE_INFINITY];
  return [
    ...bounds.map((bound) => ({
      suffix: '_bucket',
      labels: { le: numberText(bound) },
      value: observations.filter((value) => value <= bound).length,
    })),
    { suffix: '_sum', labels: {}, value: observations.reduce((sum, value) => sum + value, 0) },
    { suffix: '_count', labels: {}, value: observations.length },
  ];
}

function labelText(labels: Labels): string {
  const texts = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text, SPECIAL_IN_LABELS)}"`);
  return texts.length === 0 ? '' : `{${texts.join()}}`;
}

function escaped(text: string, special: RegExp): string {
  return text.replace(special, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function numberText(value: number): string {
  switch (value) {
    case Number.POSITIVE_INFINITY:
      return '+Inf';
    case Number.NEGATIVE_INFINITY:
      return '-Inf';
    default:
      return String(value);
  }
}
