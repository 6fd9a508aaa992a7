/** The server's README lists all metrics as they are in the code: `make readme-metrics` updates it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { metricsTable } from './metrics-table.ts';

it('lists the same metrics in the README as in the code', () => {
  const [, table] =
    /<!-- metrics -->\n([\s\S]*?)\n<!-- \/metrics -->/.exec(readFileSync('src/server/README.md', 'utf8')) ??
    [];
  expect(table?.split('\n')).toEqual(metricsTable());
});
