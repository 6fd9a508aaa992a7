// Does not start a service before the clock is synchronized and its error is bounded.
// Run: node main.js [address]. Exit status 1 if the clock is not good enough within 30 seconds.
import { createServer } from 'node:http';
import { ChronyError, waitUntilSynchronized } from 'chrony-wasm';

const LIMIT_MS = Number(process.env.LIMIT_MS ?? 30_000);

try {
  const status = await waitUntilSynchronized({
    address: process.argv[2],
    maxError: 0.1, // seconds
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  console.log(`clock: stratum ${status.stratum}, offset ${status.offset} s`);
  const server = createServer((_, response) => response.end('ready\n'));
  server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => console.log('started'));
  process.once('SIGTERM', () => server.close());
} catch (error) {
  const isExpected = error instanceof ChronyError || error.name === 'TimeoutError';
  if (!isExpected) throw error;
  console.error(`not started: the clock is not good enough: ${error.message}`);
  process.exitCode = 1;
}
