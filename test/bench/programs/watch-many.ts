/**
 * The cost of `watchMany()`: `watch-many.js PORT NUMBER INTERVAL ROUNDS`. A tenth of the targets is silent. Measures
 * after the first round, and prints the share of a core, the processor time per request in microseconds, and the bytes
 * per target. Requires `--expose-gc`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { watchMany } from 'chrony-wasm';

const [, , port = '', number = '', interval = '', rounds = ''] = process.argv;
const intervalMs = Number(interval);
/** All addresses of 127.0.0.0/8 belong to this machine; nothing answers on 127.255.0.0/16. */
const targets = Array.from(
  { length: Number(number) },
  (_, i) => `127.${i % 10 === 0 ? 255 : 1}.${i >> 8}.${i & 255}:${port}`,
);
const stopping = new AbortController();
const outcomes = { values: 0, errors: 0 };

async function watch(): Promise<void> {
  const options = { intervalMs, signal: stopping.signal };
  for await (const { error } of watchMany(targets, 'tracking', options)) {
    if (error === null) outcomes.values++;
    else outcomes.errors++;
  }
}

function usedBytes(): number {
  // the first collection can make more objects collectable
  for (let i = 0; i < 2; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// the first targets load and compile code, which does not count
let warmUp = 0;
for await (const _ of watchMany(targets.slice(0, 1000), 'tracking', {
  intervalMs: 1000,
  includeUnchanged: true,
}))
  if (++warmUp === 1000) break;
// by then, their sockets are closed and freed
await sleep(1000);
const bytes = usedBytes();
const watching = watch().catch((reason: unknown) => {
  if (reason !== stopping.signal.reason) throw reason;
});
// the first round, and the requests that are still unanswered at its end
await sleep(intervalMs * 1.5);
const before = process.cpuUsage();
const start = performance.now();
await sleep(intervalMs * Number(rounds));
const { user, system } = process.cpuUsage(before);
const elapsedMs = performance.now() - start;
const held = usedBytes() - bytes;
stopping.abort();
await watching;
if (outcomes.values + outcomes.errors < targets.length || outcomes.errors > targets.length / 9) {
  throw new Error(`not all were heard: ${JSON.stringify(outcomes)}`);
}
process.stdout.write(
  `${JSON.stringify({
    core: (user + system) / 1000 / elapsedMs,
    turn: ((user + system) / targets.length) * (intervalMs / elapsedMs),
    bytes: held / targets.length,
  })}\n`,
);
