import { BoundedClock } from 'chrony-wasm';

const clock = await BoundedClock.start({ address: process.argv[2], intervalMs: 20 });
// Many readings give a very precise estimate of the clocks. Even then, the runtime's rounding must not look like a step.
const end = performance.now() + 2000; // A sample stays fresh for longer than this on any machine.
for (let i = 0; i < 500_000 && performance.now() < end; i++) clock.status;
const { earliest, midpoint, latest, status } = clock.now();
console.log(status, earliest < midpoint && midpoint < latest);
