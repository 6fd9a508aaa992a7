/**
 * Makes every call that accepts a signal, with foreign signals: `foreign-signals WHEN NAMES ADDRESS SILENT UNSYNCHRONIZED`.
 * The globals with these NAMES are replaced before or after (WHEN) the package is loaded, as a test environment does. Prints the
 * problems that it finds.
 */
import { foreign, replaceGlobals } from './foreign.mjs';

const [, , when, names, address, silent, unsynchronised] = process.argv;

if (when === 'before') replaceGlobals(names);
const chrony = await import('chrony-wasm');
if (when === 'after') replaceGlobals(names);

const wrong = [];
process.on('unhandledRejection', (error) => wrong.push(`unhandled: ${error}`));

const patient = { timeoutMs: 60_000, retries: 0 };
const connection = await chrony.ChronyConnection.open({ ...patient, address });
const waiting = await chrony.ChronyConnection.open({ ...patient, address: silent });
const clock = await chrony.BoundedClock.start({ ...patient, address });

async function first(values) {
  for await (const value of values) return value;
}

async function last(values) {
  for await (const _ of values);
}

/** Calls that end by themselves. */
const ending = {
  open: async (signal) => (await chrony.ChronyConnection.open({ address, signal })).close(),
  getTracking: (signal) => chrony.getTracking({ address, signal }),
  getSources: (signal) => connection.getSources({ signal }),
  getReport: (signal) => connection.getReport('ntpdata', { signal }),
  watch: (signal) => first(connection.watch('tracking', { signal })),
  pollMany: (signal) => last(chrony.pollMany([address, address], 'tracking', { signal })),
  waitUntilSynchronized: (signal) => chrony.waitUntilSynchronized({ address, signal }),
  checkHealth: (signal) => chrony.checkHealth({ address, signal }),
  start: async (signal) => (await chrony.BoundedClock.start({ address, signal })).close(),
  waitUntilAfter: (signal) => clock.waitUntilAfter(clock.now().latest, { signal }),
  'clock.waitUntilSynchronized': (signal) => clock.waitUntilSynchronized({ signal }),
};

/** Calls that only the signal ends. */
const endless = {
  getTracking: (signal) => chrony.getTracking({ ...patient, address: silent, signal }),
  getSources: (signal) => waiting.getSources({ signal }),
  getReport: (signal) => waiting.getReport('ntpdata', { signal }),
  'watch in a request': (signal) => last(waiting.watch('tracking', { signal })),
  'watch in a pause': (signal) => last(connection.watch('tracking', { intervalMs: 60_000, signal })),
  'watch of a connection': async (signal) => {
    const ended = await chrony.ChronyConnection.open({ address, signal });
    await last(ended.watch('tracking', { intervalMs: 60_000 }));
  },
  pollMany: (signal) => last(chrony.pollMany([silent], 'tracking', { ...patient, signal })),
  'watchMany in a request': (signal) => last(chrony.watchMany([silent], 'tracking', { ...patient, signal })),
  'watchMany in a pause': (signal) => last(chrony.watchMany([address], 'tracking', { signal })),
  'waitUntilSynchronized in a request': (signal) =>
    chrony.waitUntilSynchronized({ ...patient, address: silent, signal }),
  'waitUntilSynchronized in a pause': (signal) =>
    chrony.waitUntilSynchronized({ address: unsynchronised, intervalMs: 60_000, signal }),
  checkHealth: (signal) => chrony.checkHealth({ ...patient, address: silent, signal }),
  start: (signal) => chrony.BoundedClock.start({ ...patient, address: silent, signal }),
  waitUntilAfter: (signal) => clock.waitUntilAfter(clock.now().latest + 3_600_000_000_000n, { signal }),
  'clock.waitUntilSynchronized': (signal) => clock.waitUntilSynchronized({ maxErrorBoundNs: 0n, signal }),
};

function checkListeners(name, { listeners }) {
  if (listeners.length > 0) wrong.push(`${name}: ${listeners.length} listeners are left`);
}

async function reasonOf(call) {
  try {
    return await call().then(() => 'nothing');
  } catch (error) {
    return error;
  }
}

for (const [name, call] of Object.entries(ending)) {
  const { signal } = new foreign.AbortController();
  const reason = await reasonOf(() => call(signal));
  if (reason !== 'nothing') wrong.push(`${name}: ${reason}`);
  checkListeners(name, signal);
}

const enough = new Error('enough');
const calls = [...Object.entries(endless), ...Object.entries(ending)];
for (const [name, call] of calls) {
  const controller = new foreign.AbortController();
  controller.abort(enough);
  const reason = await reasonOf(() => call(controller.signal));
  if (reason !== enough) wrong.push(`${name}, aborted already: ${reason}`);
  checkListeners(name, controller.signal);
}

for (const [given, expected] of [
  [enough, 'Error: enough'],
  [undefined, 'AbortError: This operation was aborted'],
]) {
  for (const [name, call] of Object.entries(endless)) {
    const controller = new foreign.AbortController();
    setTimeout(() => controller.abort(given), 20);
    const reason = await reasonOf(() => call(controller.signal));
    if (String(reason) !== expected) wrong.push(`${name}: ${reason} instead of ${expected}`);
    checkListeners(name, controller.signal);
  }
}

// Without a signal from the user, the package creates its own signals.
const start = Date.now();
const times = [];
for await (const _ of connection.watch('tracking', { intervalMs: 50 }))
  if (times.push(Date.now() - start) === 4) break;
if (times[3] < 140) wrong.push(`watch does not pause: ${times}`);

await clock.close();
await connection.close();
await waiting.close();
console.log(JSON.stringify(wrong));
