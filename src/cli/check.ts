/** The command `check`: a plugin for Nagios, Icinga and other software that follows the Monitoring Plugins guidelines. */
import { checkHealth } from '../health/health.ts';
import {
  decimal,
  type Health,
  type HealthFigures,
  type HealthState,
  reachability,
} from '../health/judgement.ts';
import {
  DEFAULTS,
  type HealthThresholds,
  isOutOfOrder,
  type Limits,
  MAX_SECONDS,
  MAX_SOURCES,
  MAX_STRATUM,
  readThresholds,
  SEVERITIES,
  type Thresholds,
} from '../health/thresholds.ts';
import { json } from '../util/json.ts';
import { type CommandOptions, oneOf, seconds, UsageError, wholeNumber } from './arguments.ts';
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

/** The thresholds by the options of the command line. @throws UsageError */
export function healthThresholds(values: OptionValues): HealthThresholds {
  return {
    maxError: limits(values, 'warning', 'critical', DEFAULTS.maxError),
    offset: limits(values, 'offset-warning', 'offset-critical', DEFAULTS.offset),
    maxStratum: wholeNumber('max-stratum', values['max-stratum'], 1, MAX_STRATUM),
    minSources: wholeNumber('min-sources', values['min-sources'], 0, MAX_SOURCES),
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
  const given = {
    warning: seconds(first, values[first], 0, MAX_SECONDS) ?? defaults.warning,
    critical: seconds(second, values[second], 0, MAX_SECONDS) ?? defaults.critical,
  };
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

/** Performance data: figures for graphs. */
function performanceData(figures: HealthFigures, thresholds: Thresholds): string {
  const { maxError, offset, stratum, sources, reachableSources } = figures;
  const { maxStratum, minSources } = thresholds;
  return [
    metric('max_error', maxError, 's', ...ranges(thresholds.maxError, upTo), '0'),
    metric('offset', offset, 's', ...ranges(thresholds.offset, around)),
    metric('stratum', stratum, '', ...ranges({ warning: maxStratum }, upTo), '1', '15'),
    metric(
      'reachable_sources',
      reachableSources,
      '',
      ...ranges({ warning: minSources }, from),
      '0',
      String(sources),
    ),
  ].join(' ');
}

function secondsText(value: number | null): string {
  return value === null ? 'unknown' : `${decimal(value)} s`;
}

/** The text for a healthy clock. */
function summary(figures: HealthFigures): string {
  const { local, reference, maxError, stratum } = figures;
  const follows = local ? 'in local mode' : `follows ${reference}`;
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
  const { maxError, offset, stratum } = figures;
  return [
    `reference: ${figures.reference ?? 'none'}`,
    `leap status: ${figures.leapStatus}`,
    `maximum error: ${secondsText(maxError)}${above(thresholds.maxError, ' s')}`,
    `offset, positive if slow: ${secondsText(offset)}${above(thresholds.offset, ' s')}`,
    `stratum: ${stratum ?? 'none'}${above({ warning: thresholds.maxStratum })}`,
    `${reachability(figures)} (warning below ${thresholds.minSources}), falsetickers: ${figures.falsetickers}`,
  ];
}
