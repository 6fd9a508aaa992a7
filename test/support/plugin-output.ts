/**
 * A strict parser for the output of a monitoring plugin, by the Monitoring Plugins guidelines
 * (https://www.monitoring-plugins.org/doc/guidelines.html): status line, performance data, thresholds as ranges.
 * It is independent of our code that writes the output.
 */

/** `[@]start:end`: a value outside the range, or with `@` inside it, raises an alert. The ends are inside. */
export interface Range {
  readonly inside: boolean;
  readonly start: number;
  readonly end: number;
}

/** `'label'=value[UOM];[warn];[crit];[min];[max]` */
export interface Metric {
  /** Null for `U` (undetermined). */
  readonly value: number | null;
  readonly unit: string;
  readonly warning: Range | null;
  readonly critical: Range | null;
  readonly least: number | null;
  readonly most: number | null;
}

export interface PluginOutput {
  readonly service: string;
  readonly status: string;
  readonly text: string;
  readonly metrics: ReadonlyMap<string, Metric>;
  /** The lines after the first. */
  readonly long: readonly string[];
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const RANGE = new RegExp(`^(@?)(?:(${NUMBER}|~)?:)?(${NUMBER})?$`);
const UNIT = '(?:[um]?s|%|[KMGT]?B|c)?';
const VALUE = new RegExp(`^(?:U|(${NUMBER})(${UNIT}))$`);
/** Round-robin databases do not distinguish labels that share this many leading characters. */
const DISTINCT = 19;

function fail(what: string, text: string): never {
  throw new Error(`${what}: ${JSON.stringify(text)}`);
}

function range(text: string | undefined): Range | null {
  if (text === undefined || text === '') return null;
  const [, at, start, end] = RANGE.exec(text) ?? fail('no range', text);
  if (start === undefined && end === undefined) fail('a range without ends', text);
  const read = {
    inside: at === '@',
    start: start === '~' ? -Infinity : Number(start ?? 0),
    end: end === undefined ? Infinity : Number(end),
  };
  return read.start <= read.end ? read : fail('a range that ends before it starts', text);
}

function bound(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  return new RegExp(`^${NUMBER}$`).test(text) ? Number(text) : fail('no number', text);
}

function metric(text: string): Metric {
  const [first = '', warning, critical, least, most, ...more] = text.split(';');
  if (more.length > 0) fail('too many parts', text);
  const [, value, unit = ''] = VALUE.exec(first) ?? fail('no value', first);
  return {
    value: value === undefined ? null : Number(value),
    unit,
    warning: range(warning),
    critical: range(critical),
    least: bound(least),
    most: bound(most),
  };
}

function performanceData(text: string): Map<string, Metric> {
  const metrics = new Map<string, Metric>();
  const pair = /(?:'((?:[^'=]|'')+)'|([^\s'=]+))=(\S+)(?: |$)/y;
  while (pair.lastIndex < text.length) {
    const rest = text.slice(pair.lastIndex);
    const [, quoted, bare = '', value = ''] = pair.exec(text) ?? fail('no performance data', rest);
    const label = quoted?.replaceAll("''", "'") ?? bare;
    if ([...metrics.keys()].some((other) => other.slice(0, DISTINCT) === label.slice(0, DISTINCT))) {
      fail('a label twice', label);
    }
    metrics.set(label, metric(value));
  }
  return metrics;
}

/** @throws Error that names the violation of the guidelines. */
export function readPluginOutput(output: string): PluginOutput {
  if (!/^[\x20-\x7e\n]*[\x20-\x7e]\n$/.test(output)) fail('not lines of printable ASCII', output);
  const [first = '', ...long] = output.slice(0, -1).split('\n');
  const [, service = '', status = '', text = '', data] =
    /^([A-Z]+) (OK|WARNING|CRITICAL|UNKNOWN): ([^|]*[^| ]) ?(?:\| ?([^|]+))?$/.exec(first) ??
    fail('no status line', first);
  // text after a bar there would also be performance data
  for (const line of long) if (line.includes('|')) fail('a bar in the long output', line);
  return { service, status, text, long, metrics: performanceData(data ?? '') };
}

/** Whether a value raises an alert. */
export function alerts(value: number, { inside, start, end }: Range): boolean {
  return (start <= value && value <= end) === inside;
}

/** The worst status that follows from the performance data alone. */
export function statusByMetrics(metrics: ReadonlyMap<string, Metric>): 'OK' | 'WARNING' | 'CRITICAL' {
  const raised = (which: 'warning' | 'critical'): boolean =>
    [...metrics.values()].some(
      ({ value, [which]: limit }) => value !== null && limit !== null && alerts(value, limit),
    );
  return raised('critical') ? 'CRITICAL' : raised('warning') ? 'WARNING' : 'OK';
}
