/** The server's README has all metrics, as they are: `make readme-metrics` puts them there. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { metricsTable } from './metrics-table.ts';

it('is in the README as it is in the code', () => {
  const [, table] =
    /<!-- metrics -->\n([\s\S]*?)\n<!-- \/metrics -->/.exec(readFileSync('src/server/README.md', 'utf8')) ??
    [];
  expect(table?.split('\n')).toEqual(metricsTable());
});
