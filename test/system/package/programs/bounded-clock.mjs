import { BoundedClock } from 'chrony-wasm';

const clock = await BoundedClock.start({ address: process.argv[2], intervalMs: 20 });
// how a runtime rounds its clocks is not to be taken for a step, however well they are known after so many looks
const end = performance.now() + 2000; // an answer is fresh for longer, on any machine
for (let i = 0; i < 500_000 && performance.now() < end; i++) clock.status;
const { earliest, midpoint, latest, status } = clock.now();
console.log(status, earliest < midpoint && midpoint < latest);
