import { BoundedClock } from 'chrony-wasm';

const clock = await BoundedClock.start({ address: process.argv[2], intervalMs: 20 });
const { earliest, midpoint, latest, status } = clock.now();
console.log(status, earliest < midpoint && midpoint < latest);
