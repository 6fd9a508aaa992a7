/** Puts the list of metrics into the server's README: `make readme-metrics`. */
import { putTable } from '../../support/readme.mjs';
import { metricsTable } from './metrics-table.ts';

await putTable('metrics', metricsTable(), 'src/server/README.md');
