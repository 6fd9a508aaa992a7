/** What a healthy clock is, by the options of the command line. */
import {
  DEFAULTS,
  type HealthThresholds,
  isOutOfOrder,
  type Limits,
  MAX_SECONDS,
  MAX_SOURCES,
  MAX_STRATUM,
  SEVERITIES,
} from '../../health/thresholds.ts';
import type { OptionValues } from '../manual/options.ts';
import { UsageError } from '../usage.ts';
import { oneOf, seconds, wholeNumber } from '../values.ts';

/** @throws UsageError */
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
