/** A clock's figures in words. */
import { decimal, type HealthFigures, reachability } from '../../health/judgement.ts';
import type { Limits, Thresholds } from '../../health/thresholds.ts';

function seconds(value: number | null): string {
  return value === null ? 'unknown' : `${decimal(value)} s`;
}

/** What there is to say of a clock without fault. */
export function summary(figures: HealthFigures): string {
  const { local, reference, maxError, stratum } = figures;
  const follows = local ? 'in local mode' : `follows ${reference}`;
  const within = maxError === null ? '' : `, within ${seconds(maxError)} of true time`;
  return `${follows}, stratum ${stratum}${within}, ${reachability(figures)}`;
}

function above({ warning, critical }: Partial<Limits>, unit = ''): string {
  const limits = Object.entries({ warning, critical }).flatMap(([state, limit]) =>
    limit == null ? [] : [`${state} above ${decimal(limit)}${unit}`],
  );
  return limits.length === 0 ? '' : ` (${limits.join(', ')})`;
}

/** Each figure with its thresholds, a line each. */
export function details(figures: HealthFigures, thresholds: Thresholds): string[] {
  const { maxError, offset, stratum } = figures;
  return [
    `reference: ${figures.reference ?? 'none'}`,
    `leap status: ${figures.leapStatus}`,
    `maximum error: ${seconds(maxError)}${above(thresholds.maxError, ' s')}`,
    `offset, positive if slow: ${seconds(offset)}${above(thresholds.offset, ' s')}`,
    `stratum: ${stratum ?? 'none'}${above({ warning: thresholds.maxStratum })}`,
    `${reachability(figures)} (warning below ${thresholds.minSources}), falsetickers: ${figures.falsetickers}`,
  ];
}
