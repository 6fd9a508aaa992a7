/**
 * What `watchMany()` costs: `watch-many.js PORT NUMBER INTERVAL ROUNDS`. A tenth of the targets is silent. After the first round
 * prints the part of a core that it takes, the microseconds of the processor for one turn of a target, and the bytes that it
 * holds for each target. With `--expose-gc`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { watchMany } from 'chrony-wasm';

const [, , port = '', number = '', interval = '', rounds = ''] = process.argv;
const intervalMs = Number(interval);
/** All of 127.0.0.0/8 is this machine; nothing answers on 127.255.0.0/16. */
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
  // what is freed by the first time may hold more
  for (let i = 0; i < 2; i++) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

// what the first ones load and compile is no part of a target
let warmUp = 0;
for await (const _ of watchMany(targets.slice(0, 1000), 'tracking', {
  intervalMs: 1000,
  includeUnchanged: true,
}))
  if (++warmUp === 1000) break;
// their sockets are closed by then, and free
await sleep(1000);
const bytes = usedBytes();
const watching = watch().catch((reason: unknown) => {
  if (reason !== stopping.signal.reason) throw reason;
});
// the first round, and the requests that nobody has answered by its end
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
