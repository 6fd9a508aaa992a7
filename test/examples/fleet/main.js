// Watches many clocks, and prints each change: a clock that does not answer is a line, not the end.
// Run: node main.js address…; ends with SIGINT or SIGTERM.
import { watchMany } from 'chrony-wasm';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => stop.abort());

const targets = new Set(process.argv.slice(2));
try {
  for await (const { address, value, error } of watchMany(targets, 'activity', {
    intervalMs: 15_000,
    timeoutMs: 500,
    retries: 1,
    signal: stop.signal,
  })) {
    if (error === null) console.log(`${address}: ${value.online} sources online`);
    else console.log(`${address}: ${error.code}`);
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
