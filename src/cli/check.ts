/** The command `check`: a plugin for Nagios, Icinga and other software that follows the Monitoring Plugins guidelines. */
import { checkHealth } from '../health/health.ts';
import {
  decimal,
  type Health,
  type HealthFigures,
  type HealthState,
  reachability,
  rounded,
  selectability,
} from '../health/judgement.ts';
import {
  ageLimit,
  completeLimits,
  DEFAULTS,
  type HealthThresholds,
  isOutOfOrder,
  type Limits,
  MAX_AGE_SECONDS,
  MAX_COOKIES,
  MAX_SECONDS,
  MAX_SKEW_PPM,
  MAX_SOURCES,
  MAX_STRATUM,
  readThresholds,
  SEVERITIES,
  type Thresholds,
} from '../health/thresholds.ts';
import { json } from '../util/json.ts';
import { type CommandOptions, decimalNumber, oneOf, seconds, UsageError, wholeNumber } from './arguments.ts';
import type { OptionValues } from './manual/options.ts';
import type { Output } from './output.ts';

/** @returns the exit status of the state */
export async function checkClock(
  { format, connection, values, verbose }: CommandOptions,
  output: Output,
): Promise<number> {
  const thresholds = healthThresholds(values);
  const health = await checkHealth({ ...connection, ...thresholds });
  await output.write(
    format === 'json'
      ? json(health, output.terminal !== null)
      : checkOutput(health, readThresholds(thresholds), verbose),
  );
  return STATUS[health.state];
}

/** Reads the thresholds from the options. @throws UsageError */
export function healthThresholds(values: OptionValues): HealthThresholds {
  return {
    maxError: limits(values, 'warning', 'critical', DEFAULTS.maxError),
    offset: limits(values, 'offset-warning', 'offset-critical', DEFAULTS.offset),
    maxStratum: wholeNumber('max-stratum', values['max-stratum'], 1, MAX_STRATUM),
    minSources: wholeNumber('min-sources', values['min-sources'], 0, MAX_SOURCES),
    minSelectable: wholeNumber('min-selectable', values['min-selectable'], 0, MAX_SOURCES),
    maxAge: seconds('max-age', values['max-age'], 0, MAX_AGE_SECONDS),
    maxSkew: decimalNumber('max-skew', values['max-skew'], 0, MAX_SKEW_PPM),
    minCookies: wholeNumber('min-cookies', values['min-cookies'], 0, MAX_COOKIES),
    leap: oneOf('leap', values.leap, SEVERITIES),
    allowLocal: values['allow-local'],
  };
}

function limits(
  values: OptionValues,
  first: 'warning' | 'offset-warning',
  second: 'critical' | 'offset-critical',
  defaults: Limits,
): Limits {
  const given = completeLimits(
    {
      warning: seconds(first, values[first], 0, MAX_SECONDS),
      critical: seconds(second, values[second], 0, MAX_SECONDS),
    },
    defaults,
  );
  if (!isOutOfOrder(given)) return given;
  throw new UsageError(
    `--${first} (${given.warning}) is above --${second} (${given.critical}); set both, so that the warning comes first`,
  );
}

/** The exit status of each state. */
export const STATUS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const satisfies Record<
  HealthState,
  number
>;

/** As one line, without the bar that separates text from performance data. */
function plain(text: string): string {
  return text.replaceAll(/\s*\p{Cc}\s*/gu, ' - ').replaceAll('|', '/');
}

/** `CHRONY OK: text` */
export function statusLine(state: HealthState, text: string): string {
  return `CHRONY ${state.toUpperCase()}: ${plain(text)}`;
}

/** The status line with its performance data; below it, if `verbose`, each figure in words. */
export function checkOutput(
  { state, reasons, figures }: Health,
  thresholds: Thresholds,
  verbose: boolean,
): string {
  if (figures === null) return `${statusLine(state, reasons.join('; '))}\n`;
  const text = reasons.length > 0 ? reasons.join('; ') : summary(figures);
  const lines = [
    `${statusLine(state, text)} | ${performanceData(figures, thresholds)}`,
    ...(verbose ? details(figures, thresholds).map(plain) : []),
  ];
  return `${lines.join('\n')}\n`;
}

type Range = (limit: number) => string;

/** The ranges without an alert: `10` from 0 to 10, `10:` from 10 on, `-10:10` between them. */
const upTo: Range = decimal;
const from: Range = (limit) => `${decimal(limit)}:`;
const around: Range = (limit) => `${decimal(-limit)}:${decimal(limit)}`;

function ranges({ warning, critical }: Partial<Limits>, range: Range): string[] {
  return [warning, critical].map((limit) => (limit == null ? '' : range(limit)));
}

/** `label=value[unit];warning;critical;least;most`, without the empty parts at the end. */
function metric(label: string, value: number | null, unit: string, ...more: readonly string[]): string {
  const figure = value === null ? 'U' : decimal(value) + unit;
  return `${label}=${[figure, ...more].join(';').replace(/;+$/, '')}`;
}

/** Formats a number of sources. */
function sourcesMetric(label: string, count: number, warning: number, sources: number): string {
  return metric(label, count, '', ...ranges({ warning }, from), '0', String(sources));
}

/** Performance data: figures for graphs. The labels are always the same, for databases that cannot add one later. */
function performanceData(figures: HealthFigures, thresholds: Thresholds): string {
  const { maxError, offset, stratum, sources, measurementAge, skew, ntsCookies } = figures;
  const { maxStratum, minSources, minSelectable, maxSkew, minCookies } = thresholds;
  const age = measurementAge === null ? null : Number(rounded(measurementAge));
  const maxAge = ageLimit(thresholds, figures.pollInterval);
  return [
    metric('max_error', maxError, 's', ...ranges(thresholds.maxError, upTo), '0'),
    metric('offset', offset, 's', ...ranges(thresholds.offset, around)),
    metric('stratum', stratum, '', ...ranges({ warning: maxStratum }, upTo), '1', '15'),
    sourcesMetric('reachable_sources', figures.reachableSources, minSources, sources),
    sourcesMetric('selectable_sources', figures.selectableSources, minSelectable, sources),
    metric('measurement_age', age, 's', ...ranges({ warning: maxAge }, upTo), '0'),
    metric('skew_ppm', skew, '', ...ranges({ warning: maxSkew }, upTo), '0'),
    metric('nts_cookies', ntsCookies, '', ...ranges({ warning: minCookies }, from), '0', String(MAX_COOKIES)),
  ].join(' ');
}

function secondsText(value: number | null): string {
  return value === null ? 'unknown' : `${decimal(value)} s`;
}

/** The text for a healthy clock. */
function summary(figures: HealthFigures): string {
  const { local, reference, selected, maxError, stratum } = figures;
  const followed = selected === null ? `selecting a source, last ${reference}` : `follows ${reference}`;
  const follows = local ? 'in local mode' : followed;
  const within = maxError === null ? '' : `, within ${secondsText(maxError)} of true time`;
  return `${follows}, stratum ${stratum}${within}, ${reachability(figures)}`;
}

function above({ warning, critical }: Partial<Limits>, unit = ''): string {
  const limits = Object.entries({ warning, critical }).flatMap(([state, limit]) =>
    limit == null ? [] : [`${state} above ${decimal(limit)}${unit}`],
  );
  return limits.length === 0 ? '' : ` (${limits.join(', ')})`;
}

/** Each figure with its thresholds, one per line. */
function details(figures: HealthFigures, thresholds: Thresholds): string[] {
  const { maxError, offset, stratum, measurementAge, skew } = figures;
  const age = measurementAge === null ? 'unknown' : `${rounded(measurementAge)} s ago`;
  const maxAge = ageLimit(thresholds, figures.pollInterval);
  return [
    `reference: ${figures.reference ?? 'none'}`,
    `leap status: ${figures.leapStatus}`,
    `maximum error: ${secondsText(maxError)}${above(thresholds.maxError, ' s')}`,
    `offset, positive if slow: ${secondsText(offset)}${above(thresholds.offset, ' s')}`,
    `stratum: ${stratum ?? 'none'}${above({ warning: thresholds.maxStratum })}`,
    `${reachability(figures)} (warning below ${thresholds.minSources}), falsetickers: ${figures.falsetickers}`,
    `${selectability(figures)} (warning below ${thresholds.minSelectable}), selected: ${figures.selected ?? 'none'}`,
    `last measurement: ${age}${above({ warning: maxAge }, ' s')}`,
    `skew: ${skew === null ? 'unknown' : `${decimal(skew)} ppm`}${above({ warning: thresholds.maxSkew }, ' ppm')}`,
    `NTS cookies: ${figures.ntsCookies ?? 'unknown'} (warning below ${thresholds.minCookies})`,
  ];
}
