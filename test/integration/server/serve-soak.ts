/**
 * `make soak-serve`: runs a server for an hour with scrapes, probes, changing viewers, and a chronyd that is restarted,
 * while hostile clients attack: one of each kind in turn, then all of them at once. Memory, descriptors and an honest
 * client's reply times must remain stable. Writes the figures, and fails if one is out of bounds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { grouped, writeFigures } from '../../support/figures.ts';
import { Events } from './events.ts';
import { askFor, HostileClient, KINDS, type Kind, peakMemory, type Treatment } from './hostile-clients.ts';
import { Serving } from './serving.ts';

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 60);
/** The number of rounds, each of which runs all {@link SLOTS}. */
const ROUNDS = 3;
/** The attackers in each slot of a round; none in the first slot. */
const SLOTS: readonly (readonly Kind[])[] = [[], ...KINDS.map((kind) => [kind]), KINDS];
const SLOT_MS = (MINUTES * 60_000) / (SLOTS.length * ROUNDS);
const COMMAND = 'make soak-serve';

/** The bound for the growth of memory from the first round to the last. */
const LARGEST_GROWTH = 24 * 2 ** 20;
const LARGEST_MEMORY = 300 * 2 ** 20;

interface Holdings {
  readonly memory: number;
  readonly descriptors: number;
}

function holdingsOf(pid: number): Holdings {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { memory: Number(kilobytes) * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

interface Pages {
  opened: number;
  /** The errors of pages that could not be opened. */
  readonly failures: string[];
}

/** Repeatedly opens pages, keeps them for a while, and closes them. */
async function keepViewing(serving: Serving, ending: AbortSignal): Promise<Pages> {
  const pages: Pages = { opened: 0, failures: [] };
  const view = async (from: string): Promise<void> => {
    try {
      await using events = await Events.open(serving.url, { from });
      await events.update();
      pages.opened++;
      await sleep(3000);
    } catch (error) {
      pages.failures.push(String(error));
    }
  };
  while (!ending.aborted) await Promise.all(Array.from({ length: 10 }, (_, i) => view(`127.0.3.${i + 1}`)));
  return pages;
}

async function restart(chronyd: Chronyd, ending: AbortSignal): Promise<number> {
  let restarts = 0;
  for (; !ending.aborted; restarts++) {
    await sleep(20_000, undefined, { signal: ending }).catch(() => {});
    if (ending.aborted) break;
    await chronyd.kill('SIGKILL');
    await chronyd.run();
  }
  return restarts;
}

interface Slot {
  readonly kind: string;
  readonly scraped: Treatment;
  readonly probed: Treatment;
  readonly alive: Treatment;
  /** The holdings after the slot, when its connections are gone. */
  readonly left: Holdings;
}

function nameOf(kinds: readonly Kind[]): string {
  return kinds.length === 0 ? 'no client' : kinds.length === 1 ? `${kinds[0]}` : 'all of them at once';
}

async function slot(serving: Serving, kinds: readonly Kind[], target: string): Promise<Slot> {
  const hostile = await Promise.all(
    kinds.map((kind, i) => HostileClient.start(kind, serving, `127.0.0.${66 + i}`)),
  );
  const [scraped, probed, alive] = await Promise.all([
    askFor(SLOT_MS, serving, { from: '127.0.0.9', path: '/metrics', pauseMs: 1000 }),
    askFor(SLOT_MS, serving, { from: '127.0.0.10', path: `/probe?target=${target}`, pauseMs: 1000 }),
    askFor(SLOT_MS, serving, { from: '127.0.0.11', path: '/healthz', pauseMs: 200 }),
  ]);
  for (const each of hostile) await each[Symbol.asyncDispose]();
  await sleep(2000);
  return { kind: nameOf(kinds), scraped, probed, alive, left: holdingsOf(serving.pid) };
}

await using chronyd = await Chronyd.start({
  config: Array.from({ length: 8 }, (_, i) => `server 127.0.0.${i + 1} port 9`),
});
await using mock = await startMockChronyd('synchronized');
await using serving = await Serving.start(
  { program: 'dist/cli.cjs' },
  ...['-h', chronyd.address, '--probe', '127.0.0.0/8:*', '--interval', '1'],
);
await serving.ready();
const ending = new AbortController();
const viewing = keepViewing(serving, ending.signal);
const restarting = restart(chronyd, ending.signal);
const rounds: (readonly Slot[])[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const slots: Slot[] = [];
  for (const kinds of SLOTS) {
    const done = await slot(serving, kinds, mock.address);
    slots.push(done);
    const { scraped, probed, alive, left } = done;
    for (const reply of [scraped, probed, alive].flatMap((each) => each.failures))
      console.log(`not served: ${JSON.stringify(reply.slice(0, 200))}`);
    console.log(
      `${round} ${done.kind}: ${scraped.requests} scrapes, median ${quantile(scraped.times, 0.5).toFixed(1)} ms, ` +
        `longest ${scraped.times.at(-1)?.toFixed(0)} ms; ${(left.memory / 2 ** 20).toFixed(0)} MB, ${left.descriptors} files`,
    );
  }
  rounds.push(slots);
}
ending.abort();
const [pages, restarts] = await Promise.all([viewing, restarting]);

const all = rounds.flat();
const failures: string[] = [];
const treatments = all.flatMap(({ scraped, probed, alive }) => [scraped, probed, alive]);
const requests = treatments.reduce((sum, each) => sum + each.requests, 0);
const unserved = [...treatments.flatMap((each) => each.failures), ...pages.failures];
if (unserved.length > 0) failures.push(`${unserved.length} requests were not served: ${unserved[0]}`);
const most = (of: (held: Holdings) => number, slots: readonly Slot[]): number =>
  Math.max(...slots.map(({ left }) => of(left)));
const first = rounds[0] ?? [];
const last = rounds.at(-1) ?? [];
const memory = [most((held) => held.memory, first), most((held) => held.memory, last)] as const;
const files = [most((held) => held.descriptors, first), most((held) => held.descriptors, last)] as const;
if (memory[1] - memory[0] > LARGEST_GROWTH) failures.push('memory grows');
// the number of open pages varies
if (files[1] > files[0] + 10) failures.push('descriptors leak');
const peak = peakMemory(serving.pid);
if (peak > LARGEST_MEMORY) failures.push('too much peak memory');
if (/fault/.test(serving.log)) failures.push('a fault in the log');

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
/** The ratio of reply times to the reply times without a hostile client, in the same rounds. */
const slower = (kind: string, part: number): string => {
  const times = (which: string): readonly number[] =>
    all
      .filter((each) => each.kind === which)
      .flatMap(({ scraped, alive }) => [...scraped.times, ...alive.times])
      .toSorted((a, b) => a - b);
  return (quantile(times(kind), part) / quantile(times('no client'), part)).toFixed(1);
};
const lastToFirst = (part: number): string => {
  const of = (slots: readonly Slot[]): number =>
    quantile(
      slots.flatMap(({ scraped, alive }) => [...scraped.times, ...alive.times]).toSorted((a, b) => a - b),
      part,
    );
  return (of(last) / of(first)).toFixed(2);
};
writeFigures('soak-serve', [
  {
    what: `\`serve\` for ${MINUTES} minutes, with one hostile client of each of ${KINDS.length} kinds in turn and then at once, viewers that come and go, and a chronyd that is restarted`,
    figure:
      `${grouped(requests)} scrapes, probes and health checks of honest clients and ` +
      `${grouped(pages.opened)} pages, ${unserved.length} not served; ${restarts} restarts; memory ${megabytes(memory[0])} after the first third, ` +
      `${megabytes(memory[1])} at the end, ${megabytes(peak)} at the most; descriptors ${files.join(' and ')}`,
    command: COMMAND,
  },
  {
    what: "time of an honest client's answers, last third / first third of it",
    figure: `${lastToFirst(0.5)} by the medians, ${lastToFirst(0.99)} by the slowest hundredth`,
    command: COMMAND,
  },
  ...SLOTS.slice(1)
    .map(nameOf)
    .map((kind) => ({
      what: `time of an honest client's answers beside a hostile client (${kind}) / without one`,
      figure: `${slower(kind, 0.5)} by the medians, ${slower(kind, 0.99)} by the slowest hundredth`,
      command: COMMAND,
    })),
]);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;
