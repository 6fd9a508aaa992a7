/** Performance data: figures for graphs, as the Monitoring Plugins guidelines lay them down. */

import type { HealthFigures } from '../../health/judgement.ts';
import { decimal } from '../../health/judgement.ts';
import type { Limits, Thresholds } from '../../health/thresholds.ts';

type Text = (limit: number) => string;

/** A range is what is no reason to worry: `10` from 0 to 10, `10:` from 10 on, `-10:10` between them. */
const upTo: Text = decimal;
const from: Text = (limit) => `${decimal(limit)}:`;
const around: Text = (limit) => `${decimal(-limit)}:${decimal(limit)}`;

function ranges({ warning, critical }: Partial<Limits>, range: Text): string[] {
  return [warning, critical].map((limit) => (limit == null ? '' : range(limit)));
}

/** `label=value[unit];warning;critical;least;most`, without the empty parts at the end. */
function metric(label: string, value: number | null, unit: string, ...more: readonly string[]): string {
  const figure = value === null ? 'U' : decimal(value) + unit;
  return `${label}=${[figure, ...more].join(';').replace(/;+$/, '')}`;
}

export function performanceData(figures: HealthFigures, thresholds: Thresholds): string {
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
