/**
 * Formats a snapshot as text for Prometheus, with the same result as prom-client. prom-client would create a registry
 * of objects for each snapshot, which takes five times as long.
 */
import type { Family, HistogramFamily, Labels, Sample, Snapshot } from '#metrics';
import { families, histograms } from '#metrics';

/** The formats of the text. */
export type Format = 'prometheus' | 'openmetrics';

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The separators between metrics. OpenMetrics forbids empty lines. */
const SEPARATORS: Readonly<Record<Format, string>> = { prometheus: '\n', openmetrics: '' };

/** @param accept - the header `Accept`: OpenMetrics is sent only to clients that accept it */
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
  const texts: string[] = [];
  // the metrics of a report share the labels of a record
  const labelTexts = new Map<Labels, string>();
  for (const family of families) {
    const series = family.samples(snapshot);
    if (series.length > 0) texts.push(textOf(family, series, format, labelTexts));
  }
  for (const family of histograms) {
    const observations = family.observations(snapshot);
    if (observations !== null)
      texts.push(
        textOf({ ...family, type: 'histogram' }, seriesOf(family, observations), format, labelTexts),
      );
  }
  for (const metric of more) texts.push(textOf(metric, metric.series, format, labelTexts));
  return { contentType: contentTypeOf(format), body: texts.join(SEPARATORS[format]) + endText(format) };
}

/**
 * Formats a metric with all its series.
 *
 * @param labelTexts - a cache of label texts, for metrics that share labels
 */
export function textOf(
  { name, help, type }: Pick<Metric, 'name' | 'help' | 'type'>,
  all: readonly Series[],
  format: Format,
  labelTexts = new Map<Labels, string>(),
): string {
  // in OpenMetrics, the name of a counter lacks the suffix of its only series
  const isPlain = format === 'openmetrics' && type === 'counter';
  const named = isPlain ? name.replace(/_total$/, '') : name;
  const total = isPlain ? '_total' : '';
  let text = headText({ name: named, help, type });
  for (const { suffix = total, labels, value } of all) {
    const labelled = labelTexts.get(labels) ?? labelText(labels);
    labelTexts.set(labels, labelled);
    text += `${named}${suffix}${labelled} ${numberText(value)}\n`;
  }
  return text;
}

export function contentTypeOf(format: Format): string {
  return CONTENT_TYPES[format];
}

/** The lines before the series of a metric. */
export function headText({ name, help, type }: Pick<Metric, 'name' | 'help' | 'type'>): string {
  return `# HELP ${name} ${escaped(help, /[\\\n]/g)}\n# TYPE ${name} ${type}\n`;
}

/** The line of one series. */
export function seriesText(name: string, labels: Labels, value: number): string {
  return `${name}${labelText(labels)} ${numberText(value)}\n`;
}

/** The end marker of the text. */
export function endText(format: Format): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}

/** The series of a histogram: the number of observations up to each bound, their sum, and their number. */
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
  const texts = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text, /[\\\n"]/g)}"`);
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
