// Worker threads with Unix sockets: `workers.mjs ENDING PATH COUNT` runs that many of them, and lets them end in the way
// of that name. Prints a line when all have ended, and when it has opened a socket itself; goes on when told to.
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ChronyConnection, getTracking } from 'chrony-wasm';

/** As many as two processors do not choke on. */
const AT_A_TIME = 4;
/** Connections of a busy worker. */
const CONNECTIONS = 6;

/** What the exception is called. */
const PLANNED = 'as planned';

/** However busy the machine is. */
const PATIENT = { timeoutMs: 60_000, retries: 0 };

/** What a worker does in the end; false if it does not end by itself. */
const endings = {
  async 'by itself'(path) {
    await asked(path);
    return true;
  },
  async 'by process.exit()'(path) {
    await asked(path);
    return process.exit(0);
  },
  async 'by an exception'(path) {
    await asked(path);
    setTimeout(() => {
      throw new Error(PLANNED);
    });
    return false;
  },
  async 'terminated, idle'(path) {
    await asked(path);
    return false;
  },
  async 'terminated, busy'(path) {
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => asked(path)));
    for (const chrony of connections) forever(() => chrony.getTracking());
    return false;
  },
  async 'terminated, opening'(path) {
    await asked(path);
    forever(() => getTracking({ address: path, ...PATIENT }));
    return false;
  },
};

async function asked(path) {
  const chrony = await ChronyConnection.open({ address: path, ...PATIENT });
  await chrony.getTracking();
  return chrony;
}

async function forever(ask) {
  for (;;) await ask();
}

/** The events of a worker are listened for before anything is awaited, so that none is missed. */
async function run(path, ending) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { path, ending } });
  const exited = new Promise((resolve, reject) => {
    worker.once('exit', resolve);
    worker.once('error', (error) => (error.message.includes(PLANNED) ? resolve() : reject(error)));
  });
  const ready = new Promise((resolve) => worker.once('message', resolve));
  await Promise.race([exited, ready]);
  if (ending.startsWith('terminated')) {
    // not always in the same moment
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
  const chrony = await asked(path);
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
