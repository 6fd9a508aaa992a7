/** Makes a request in a worker thread. */
import { isMainThread, Worker } from 'node:worker_threads';
import { getTracking } from 'chrony-wasm';

if (isMainThread) new Worker(new URL(import.meta.url), { argv: process.argv.slice(2) });
else console.log((await getTracking(process.argv[2])).stratum);
