import { getTracking } from 'chrony-wasm';

console.log((await getTracking(process.argv[2])).stratum);
