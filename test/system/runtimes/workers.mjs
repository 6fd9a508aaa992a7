// Worker threads with Unix sockets: `workers.mjs ENDING PATH COUNT` runs COUNT workers, which end in the way that ENDING names.
// Prints a line when all of them have ended, and another when the main thread has opened a socket. Waits for a line of input
// after each.
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ChronyConnection, getTracking } from 'chrony-wasm';

/** The number of workers at the same time, low enough for two processors. */
const AT_A_TIME = 4;
/** Connections of a busy worker. */
const CONNECTIONS = 6;

/** The message of the exception. */
const PLANNED = 'as planned';

/** A timeout long enough for a busy machine. */
const LONG_TIMEOUT = { timeoutMs: 60_000, retries: 0 };

/** The last action of a worker for each ending; returns false if the worker does not end by itself. */
const endings = {
  async 'by itself'(path) {
    await openAndQuery(path);
    return true;
  },
  async 'by process.exit()'(path) {
    await openAndQuery(path);
    return process.exit(0);
  },
  async 'by an exception'(path) {
    await openAndQuery(path);
    setTimeout(() => {
      throw new Error(PLANNED);
    });
    return false;
  },
  async 'terminated, idle'(path) {
    await openAndQuery(path);
    return false;
  },
  async 'terminated, busy'(path) {
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => openAndQuery(path)));
    for (const chrony of connections) repeat(() => chrony.getTracking());
    return false;
  },
  async 'terminated, opening'(path) {
    await openAndQuery(path);
    repeat(() => getTracking({ address: path, ...LONG_TIMEOUT }));
    return false;
  },
};

async function openAndQuery(path) {
  const chrony = await ChronyConnection.open({ address: path, ...LONG_TIMEOUT });
  await chrony.getTracking();
  return chrony;
}

async function repeat(ask) {
  for (;;) await ask();
}

/** Adds the listeners of a worker before the first await, so that no event is missed. */
async function run(path, ending) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { path, ending } });
  const exited = new Promise((resolve, reject) => {
    worker.once('exit', resolve);
    worker.once('error', (error) => (error.message.includes(PLANNED) ? resolve() : reject(error)));
  });
  const ready = new Promise((resolve) => worker.once('message', resolve));
  await Promise.race([exited, ready]);
  if (ending.startsWith('terminated')) {
    // not always at the same moment
    await sleep(20 * Math.random());
    await worker.terminate();
  }
  await exited;
}

async function main(ending, path, count) {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const tell = async (value) => {
    console.log(JSON.stringify(value));
    await lines.next();
  };
  let left = count;
  const runSome = async () => {
    while (left-- > 0) await run(path, ending);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, runSome));
  await tell('all');
  const chrony = await openAndQuery(path);
  await chrony.close();
  await tell('opened');
  process.exit();
}

if (isMainThread) {
  const [, , ending, path, count] = process.argv;
  await main(ending, path, Number(count));
} else {
  const { path, ending } = workerData;
  const ended = await endings[ending](path);
  parentPort.postMessage('ready');
  if (!ended) setInterval(() => {}, 1000);
}
