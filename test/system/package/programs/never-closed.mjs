import { ChronyConnection } from 'chrony-wasm';

const chrony = await ChronyConnection.open(process.argv[2]);
console.log((await chrony.getTracking()).stratum);
