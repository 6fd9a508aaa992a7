/** When each clock is queried for its sources. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type HasTurn, type SourcesAge, SourcesRound } from '../../../src/fleet/sources-round.ts';
import { newAborter } from '../../../src/util/abort.ts';
import { type FakeTime, fakeTime } from '../util/fake-time.ts';

interface Named extends HasTurn {
  readonly name: string;
}

const OPTIONS = { intervalMs: 1000, sourcesIntervalMs: 60_000 };

let time: FakeTime;
const stop = { now: newAborter() };
/** The functions that answer pending queries. */
let answers: ((isAnswered: boolean) => void)[];
let queried: string[];

beforeEach(() => {
  time = fakeTime();
  stop.now = newAborter();
  answers = [];
  queried = [];
});
afterEach(() => {
  stop.now.abort();
  vi.restoreAllMocks();
});

function started(count = 1): SourcesRound<Named> {
  const round = new SourcesRound<Named>(
    OPTIONS,
    () => count,
    ({ name }) => {
      queried.push(name);
      return new Promise((resolve) => answers.push(resolve));
    },
  );
  void round.run(stop.now);
  return round;
}

/** Answers all pending queries. */
async function answer(isAnswered = true): Promise<void> {
  for (const each of answers.splice(0)) each(isAnswered);
  // lets the reactions run
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

function clocks(count: number): Named[] {
  return Array.from({ length: count }, (_, i) => ({ name: String(i), turn: null }));
}

/** The milliseconds until a clock is queried again. */
function msUntilQueried(round: SourcesRound<Named>, clock: Named, sources: SourcesAge): number {
  const before = queried.length;
  for (let ms = 0; ms <= 1_000_000; ms += 500) {
    round.consider(clock, sources);
    if (queried.length > before) return ms;
    time.pass(500);
  }
  return Number.POSITIVE_INFINITY;
}

describe('a clock is queried', () => {
  it('at once, and not again before it answers', () => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    round.consider(clock, 'outdated');
    expect(queried).toEqual(['0']);
  });

  it('again after the interval, the first time slightly earlier', async () => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    await answer();
    const first = msUntilQueried(round, clock, 'current');
    expect(first).toBeGreaterThanOrEqual(30_000);
    expect(first).toBeLessThanOrEqual(60_000);
    await answer();
    expect(msUntilQueried(round, clock, 'current')).toBe(60_000);
  });

  it.each<[SourcesAge, boolean, number]>([
    ['outdated', true, 0],
    ['doubtful', true, 4000],
    ['current', false, 1000],
  ])('earlier if its sources are %s, answered: %s', async (sources, isAnswered, ms) => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    await answer(isAnswered);
    expect(msUntilQueried(round, clock, sources)).toBe(ms);
  });

  it('rarely if its answers take long, even with outdated sources', async () => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    time.pass(10_000);
    await answer();
    expect(msUntilQueried(round, clock, 'outdated')).toBe(990_000);
  });

  it('not after it was removed', () => {
    const round = started();
    const all = clocks(6);
    for (const each of all) round.consider(each, 'current');
    round.forget(all[4] as Named);
    time.pass(1000);
    expect(queried).toEqual(['0', '1', '2', '3', '5']);
  });
});

describe('many clocks that are added at once', () => {
  it('are queried a few at a time', async () => {
    const round = started(100);
    for (const clock of clocks(100)) round.consider(clock, 'current');
    time.pass(10_000);
    expect(queried).toHaveLength(32);
    await answer();
    time.pass(10_000);
    expect(queried).toHaveLength(64);
  });

  it('are spread over time, but within the interval', async () => {
    const all = clocks(30_000);
    const queriedInOneSecond = async (count: number): Promise<number> => {
      queried = [];
      const round = started(count);
      for (const clock of all.slice(0, count)) round.consider(clock, 'current');
      for (let ms = 0; ms < 1000; ms += 5) {
        await answer();
        time.pass(5);
      }
      return queried.length;
    };
    const few = await queriedInOneSecond(1000);
    expect(few).toBeGreaterThan(90);
    expect(few).toBeLessThan(110);
    stop.now.abort();
    stop.now = newAborter();
    const many = await queriedInOneSecond(30_000);
    expect(many).toBeGreaterThan(900);
    expect(many).toBeLessThan(1100);
  });
});

it('sends no queries after its end and leaves no timer', async () => {
  const round = started(10);
  for (const clock of clocks(10)) round.consider(clock, 'current');
  const before = [...queried];
  expect(before.length).toBeLessThan(10);
  stop.now.abort();
  await answer();
  time.pass(10_000);
  expect(queried).toEqual(before);
  expect(time.pending).toBe(0);
});

it('ends with an unexpected error', async () => {
  const round = new SourcesRound<Named>(
    OPTIONS,
    () => 1,
    async () => Promise.reject(new Error('broken')),
  );
  const run = round.run(stop.now);
  const [clock] = clocks(1) as [Named];
  round.consider(clock, 'current');
  await expect(run).rejects.toThrow('broken');
});
