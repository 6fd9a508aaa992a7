/** The list of metrics in the server's README. */
import { families, histograms } from '../../../src/metrics/families.ts';
import type { Family, HistogramFamily } from '../../../src/metrics/family.ts';
import { row } from '../../support/readme.mjs';

function nameOf({ name, labels }: Pick<Family, 'name' | 'labels'>): string {
  return `\`${name}${labels.length === 0 ? '' : `{${labels.join(', ')}}`}\``;
}

/** The lines of the table. */
export function metricsTable(): string[] {
  const rowOf = ({ name, report, help }: Family | HistogramFamily, labels: Family['labels'], type: string) =>
    row(nameOf({ name, labels }), type, report ?? '', help.replaceAll('|', '\\|'));
  const rows = [
    ...families.map((family) => rowOf(family, family.labels, family.type === 'counter' ? 'C' : '')),
    ...histograms.map((family) => rowOf(family, [], 'H')),
  ];
  return [row('metric', '', 'report', 'what'), '|---|---|---|---|', ...rows];
}
