import * as chrony from 'chrony-wasm';
import printReports from './print-reports.cjs';

await printReports(chrony, process.argv[2]);
