/**
 * `make soak-serve`: an hour of a server with scrapes, probes, viewers that come and go and a chronyd that is restarted,
 * while hostile clients are at it: one of each kind in turn, then all of them at once. Memory, descriptors and the time of an honest
 * client's answers must stay what they were. Writes the figures; fails where one is out of bounds.
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
/** Each has its turn so many times, and as often nobody is at it. */
const ROUNDS = 3;
/** Who is at it in each of a round's slots. */
const SLOTS: readonly (readonly Kind[])[] = [[], ...KINDS.map((kind) => [kind]), KINDS];
const SLOT_MS = (MINUTES * 60_000) / (SLOTS.length * ROUNDS);
const COMMAND = 'make soak-serve';

/** Bounds, for the last round against the first one. */
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
  /** What went wrong with the others. */
  readonly failures: string[];
}

/** Pages that are opened, looked at for a while, and closed. */
async function lookOn(serving: Serving, ending: AbortSignal): Promise<Pages> {
  const pages: Pages = { opened: 0, failures: [] };
  const look = async (from: string): Promise<void> => {
    try {
      await using events = await Events.open(serving.url, { from });
      await events.update();
      pages.opened++;
      await sleep(3000);
    } catch (error) {
      pages.failures.push(String(error));
    }
  };
  while (!ending.aborted) await Promise.all(Array.from({ length: 10 }, (_, i) => look(`127.0.3.${i + 1}`)));
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
  /** Once it is over, and what it has left is gone. */
  readonly left: Holdings;
}

function nameOf(kinds: readonly Kind[]): string {
  return kinds.length === 0 ? 'nobody' : kinds.length === 1 ? `${kinds[0]}` : 'all of them at once';
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
const looking = lookOn(serving, ending.signal);
const restarting = restart(chronyd, ending.signal);
const rounds: (readonly Slot[])[] = [];
for (let round = 0; round < ROUNDS; round++) {
  const slots: Slot[] = [];
  for (const kinds of SLOTS) {
    const done = await slot(serving, kinds, mock.address);
    slots.push(done);
    const { scraped, probed, alive, left } = done;
    for (const said of [scraped, probed, alive].flatMap((each) => each.failures))
      console.log(`not served: ${JSON.stringify(said.slice(0, 200))}`);
    console.log(
      `${round} ${done.kind}: ${scraped.asked} scrapes, median ${quantile(scraped.times, 0.5).toFixed(1)} ms, ` +
        `longest ${scraped.times.at(-1)?.toFixed(0)} ms; ${(left.memory / 2 ** 20).toFixed(0)} MB, ${left.descriptors} files`,
    );
  }
  rounds.push(slots);
}
ending.abort();
const [pages, restarts] = await Promise.all([looking, restarting]);

const all = rounds.flat();
const failures: string[] = [];
const treatments = all.flatMap(({ scraped, probed, alive }) => [scraped, probed, alive]);
const asked = treatments.reduce((sum, each) => sum + each.asked, 0);
const unserved = [...treatments.flatMap((each) => each.failures), ...pages.failures];
if (unserved.length > 0) failures.push(`${unserved.length} requests were not served: ${unserved[0]}`);
const most = (of: (held: Holdings) => number, slots: readonly Slot[]): number =>
  Math.max(...slots.map(({ left }) => of(left)));
const first = rounds[0] ?? [];
const last = rounds.at(-1) ?? [];
const memory = [most((held) => held.memory, first), most((held) => held.memory, last)] as const;
const files = [most((held) => held.descriptors, first), most((held) => held.descriptors, last)] as const;
if (memory[1] - memory[0] > LARGEST_GROWTH) failures.push('memory grows');
// pages come and go
if (files[1] > files[0] + 10) failures.push('descriptors are left');
const peak = peakMemory(serving.pid);
if (peak > LARGEST_MEMORY) failures.push('too much memory at a time');
if (/fault/.test(serving.log)) failures.push('a fault in the log');

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;
/** By how much slower the answers are than while nobody is at it, in the same rounds. */
const slower = (kind: string, part: number): string => {
  const times = (which: string): readonly number[] =>
    all
      .filter((each) => each.kind === which)
      .flatMap(({ scraped, alive }) => [...scraped.times, ...alive.times])
      .toSorted((a, b) => a - b);
  return (quantile(times(kind), part) / quantile(times('nobody'), part)).toFixed(1);
};
const withIn = (part: number): string => {
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
      `${grouped(asked)} scrapes, probes and health checks of honest clients and ` +
      `${grouped(pages.opened)} pages, ${unserved.length} not served; ${restarts} restarts; memory ${megabytes(memory[0])} after the first third, ` +
      `${megabytes(memory[1])} at the end, ${megabytes(peak)} at the most; descriptors ${files.join(' and ')}`,
    command: COMMAND,
  },
  {
    what: "time of an honest client's answers, last third / first third of it",
    figure: `${withIn(0.5)} by the medians, ${withIn(0.99)} by the slowest hundredth`,
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
