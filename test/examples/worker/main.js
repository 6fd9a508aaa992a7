// Worker threads that stamp what they do. Each worker has a clock of its own: a connection belongs to one thread.
// Run: node main.js [address]
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { BoundedClock } from 'chrony-wasm';

const WORKERS = 2;

async function work() {
  const clock = await BoundedClock.start({ address: workerData });
  const { earliest, latest } = clock.now();
  parentPort.postMessage({ earliest, latest });
  await clock.close();
}

if (!isMainThread) {
  await work();
} else {
  for (let number = 1; number <= WORKERS; number++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: process.argv[2] });
    worker.once('message', ({ earliest, latest }) => {
      console.log(`worker ${number}: within ${(latest - earliest) / 1000n} microseconds`);
    });
    worker.once('error', (error) => {
      console.error(`worker ${number}: ${error.message}`);
      process.exitCode = 1;
    });
  }
}
