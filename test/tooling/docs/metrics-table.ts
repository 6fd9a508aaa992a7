/** The list of metrics in the server's README. */
import { families } from '../../../src/metrics/families.ts';
import type { Family } from '../../../src/metrics/family.ts';
import { row } from '../../support/readme.mjs';

function nameOf({ name, labels }: Family): string {
  return `\`${name}${labels.length === 0 ? '' : `{${labels.join(', ')}}`}\``;
}

/** Each line of it. */
export function metricsTable(): string[] {
  const rows = families.map((family) => {
    const { type, report, help } = family;
    return row(nameOf(family), type === 'counter' ? 'C' : '', report ?? '', help.replaceAll('|', '\\|'));
  });
  return [row('metric', '', 'report', 'what'), '|---|---|---|---|', ...rows];
}
