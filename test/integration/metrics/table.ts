/** Puts the list of metrics into a README: `table.js README`. */
import { metricsTable } from '../../support/metrics-table.ts';
import { putTable } from '../../support/readme.mjs';

const [, , readme = 'src/server/README.md'] = process.argv;
await putTable('metrics', metricsTable(), readme);
