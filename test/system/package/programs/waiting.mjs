import { BoundedClock } from 'chrony-wasm';

const clock = await BoundedClock.start({ address: process.argv[2], intervalMs: 20 });
const { latest } = clock.now();
clock.waitUntilAfter(latest + 200_000_000n).then(() => console.log(clock.after(latest + 200_000_000n)));
