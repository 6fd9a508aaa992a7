/** When each clock is asked for its sources. */
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
/** Answers the clocks that are being asked. */
let answers: ((isAnswered: boolean) => void)[];
let asked: string[];

beforeEach(() => {
  time = fakeTime();
  stop.now = newAborter();
  answers = [];
  asked = [];
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
      asked.push(name);
      return new Promise((resolve) => answers.push(resolve));
    },
  );
  void round.run(stop.now);
  return round;
}

/** Answers all that are being asked. */
async function answer(isAnswered = true): Promise<void> {
  for (const each of answers.splice(0)) each(isAnswered);
  // what follows from it
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

function clocks(count: number): Named[] {
  return Array.from({ length: count }, (_, i) => ({ name: String(i), turn: null }));
}

/** How long it takes until a clock is asked again, in milliseconds. */
function msUntilAsked(round: SourcesRound<Named>, clock: Named, sources: SourcesAge): number {
  const before = asked.length;
  for (let ms = 0; ms <= 1_000_000; ms += 500) {
    round.consider(clock, sources);
    if (asked.length > before) return ms;
    time.pass(500);
  }
  return Number.POSITIVE_INFINITY;
}

describe('a clock is asked', () => {
  it('as soon as it has answered, and not again meanwhile', () => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    round.consider(clock, 'outdated');
    expect(asked).toEqual(['0']);
  });

  it('again after the interval, the first time a little sooner', async () => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    await answer();
    const first = msUntilAsked(round, clock, 'current');
    expect(first).toBeGreaterThanOrEqual(30_000);
    expect(first).toBeLessThanOrEqual(60_000);
    await answer();
    expect(msUntilAsked(round, clock, 'current')).toBe(60_000);
  });

  it.each<[SourcesAge, boolean, number]>([
    ['outdated', true, 0],
    ['doubtful', true, 4000],
    ['current', false, 1000],
  ])('sooner if its sources are %s, answered: %s', async (sources, isAnswered, ms) => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    await answer(isAnswered);
    expect(msUntilAsked(round, clock, sources)).toBe(ms);
  });

  it('seldom if it takes long, whatever it says', async () => {
    const round = started();
    const [clock] = clocks(1) as [Named];
    round.consider(clock, 'current');
    time.pass(10_000);
    await answer();
    expect(msUntilAsked(round, clock, 'outdated')).toBe(990_000);
  });

  it('not if it has gone', () => {
    const round = started();
    const all = clocks(6);
    for (const each of all) round.consider(each, 'current');
    round.forget(all[4] as Named);
    time.pass(1000);
    expect(asked).toEqual(['0', '1', '2', '3', '5']);
  });
});

describe('many clocks that come together', () => {
  it('are asked a few at a time', async () => {
    const round = started(100);
    for (const clock of clocks(100)) round.consider(clock, 'current');
    time.pass(10_000);
    expect(asked).toHaveLength(32);
    await answer();
    time.pass(10_000);
    expect(asked).toHaveLength(64);
  });

  it('are spread over some time, but not so long that the interval is missed', async () => {
    const all = clocks(30_000);
    const askedInOneSecond = async (count: number): Promise<number> => {
      asked = [];
      const round = started(count);
      for (const clock of all.slice(0, count)) round.consider(clock, 'current');
      for (let ms = 0; ms < 1000; ms += 5) {
        await answer();
        time.pass(5);
      }
      return asked.length;
    };
    const few = await askedInOneSecond(1000);
    expect(few).toBeGreaterThan(90);
    expect(few).toBeLessThan(110);
    stop.now.abort();
    stop.now = newAborter();
    const many = await askedInOneSecond(30_000);
    expect(many).toBeGreaterThan(900);
    expect(many).toBeLessThan(1100);
  });
});

it('nothing is asked after its end, and no timer is left', async () => {
  const round = started(10);
  for (const clock of clocks(10)) round.consider(clock, 'current');
  const before = [...asked];
  expect(before.length).toBeLessThan(10);
  stop.now.abort();
  await answer();
  time.pass(10_000);
  expect(asked).toEqual(before);
  expect(time.pending).toBe(0);
});

it('a fault ends it', async () => {
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
