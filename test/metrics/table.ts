/** Puts the list of metrics into the README: `table.js README`. */
import { metricsTable } from '../support/metrics-table.ts';
import { putTable } from '../support/readme.mjs';

const [, , readme = 'README.md'] = process.argv;
await putTable('metrics', metricsTable(), readme);
