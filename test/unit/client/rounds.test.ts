/** The schedule of requests when many targets are watched, with fake time. */
import { describe, expect, it } from 'vitest';
import { Rounds } from '../../../src/client/rounds.ts';
import { ChronyConnectionError, ChronyTimeoutError } from '../../../src/index.ts';

type Outcome = { value: unknown; error: null } | { value: null; error: ChronyConnectionError };

interface Request {
  readonly address: string;
  readonly at: number;
}

/** Simulates the requests of a watch, with its own time. */
class Watch {
  now = 0;
  /** All requests, the oldest first. */
  readonly requests: Request[] = [];
  /** The outcomes that the watch must yield. */
  readonly yielded: unknown[] = [];
  readonly removed: string[] = [];
  /** The milliseconds until the reply; undefined for no reply. */
  latency: (address: string) => number | undefined = () => 1;
  outcome: (address: string) => Outcome = () => ({ value: this.now, error: null });
  readonly #rounds: Rounds<unknown>;
  #underWay: { request: NonNullable<ReturnType<Rounds<unknown>['next']>>; until: number }[] = [];

  constructor(targets: Iterable<string>, intervalMs: number, includesUnchanged = false) {
    this.#rounds = new Rounds(targets, intervalMs, includesUnchanged, () => this.now);
  }

  /** Advances the time and processes the requests that become due. */
  run(untilMs: number): this {
    while (this.now < untilMs) {
      for (const { address } of this.#rounds.refresh() ?? []) this.removed.push(address);
      for (let request = this.#rounds.next(); request !== null; request = this.#rounds.next()) {
        this.requests.push({ address: request.address, at: this.now });
        const latency = this.latency(request.address);
        if (latency !== undefined) this.#underWay.push({ request, until: this.now + latency });
      }
      const next = Math.min(
        this.now + this.#rounds.waitMs(true),
        ...this.#underWay.map(({ until }) => until),
        untilMs,
      );
      // a timer takes at least a millisecond
      this.now = Math.max(next, this.now + 1);
      const arrived = this.#underWay.filter(({ until }) => until <= this.now);
      this.#underWay = this.#underWay.filter(({ until }) => until > this.now);
      for (const { request } of arrived) {
        const outcome = { address: request.address, ...this.outcome(request.address) };
        if (this.#rounds.take(request, outcome)) this.yielded.push(outcome);
      }
    }
    return this;
  }

  /** Counts the requests in a time range. */
  count(fromMs: number, toMs: number): number {
    return this.requests.filter(({ at }) => at >= fromMs && at < toMs).length;
  }

  times(address: string): number[] {
    return this.requests.filter((each) => each.address === address).map(({ at }) => at);
  }

  /** The intervals between successive requests to a target. */
  gaps(address: string): number[] {
    const times = this.times(address);
    return times.slice(1).map((at, i) => at - (times[i] ?? Number.NaN));
  }
}

function hosts(number: number, name = 'h'): string[] {
  return Array.from({ length: number }, (_, i) => `${name}${i}`);
}

/** The tolerance in milliseconds: one tick, and a timer that fires late by as much. */
const TICKS = 60;

describe('the first round', () => {
  it('requests a few targets at once', () => {
    expect(new Watch(hosts(3), 15_000).run(1).requests).toEqual([
      { address: 'h0', at: 0 },
      { address: 'h1', at: 0 },
      { address: 'h2', at: 0 },
    ]);
  });

  it('requests about 1000 targets per second, and each target once', () => {
    const watch = new Watch(hosts(5000), 15_000).run(5100);
    expect(new Set(watch.requests.map(({ address }) => address)).size).toBe(5000);
    expect(watch.requests).toHaveLength(5000);
    for (let at = 0; at < 4900; at += 100) {
      expect(watch.count(at, at + 100)).toBeGreaterThan(100 - TICKS);
      expect(watch.count(at, at + 100)).toBeLessThan(100 + TICKS);
    }
  });

  it('takes no longer than one interval', () => {
    const watch = new Watch(hosts(6000), 2000).run(2000 + TICKS);
    expect(new Set(watch.requests.map(({ address }) => address)).size).toBe(6000);
  });
});

describe.each([
  [1, 1000],
  [3, 15_000],
  [7, 50],
  [300, 15_000],
  [4000, 5000],
])('%i targets every %i ms', (number, intervalMs) => {
  const watch = new Watch(hosts(number), intervalMs).run(6 * intervalMs);

  it('are requested once per interval', () => {
    for (const address of [hosts(number)[0], hosts(number).at(-1)]) {
      const [first, ...gaps] = watch.gaps(address ?? '');
      expect(first).toBeGreaterThanOrEqual(intervalMs / 2);
      expect(first).toBeLessThanOrEqual(1.5 * intervalMs + TICKS);
      expect(gaps.length).toBeGreaterThanOrEqual(3);
      for (const gap of gaps) expect(Math.abs(gap - intervalMs)).toBeLessThanOrEqual(TICKS);
    }
  });

  it('are spread evenly over the interval', () => {
    const part = intervalMs / 10;
    for (let at = 2 * intervalMs; at < 5 * intervalMs; at += part) {
      const missing = Math.abs(watch.count(at, at + part) - number / 10);
      expect(missing).toBeLessThanOrEqual(1 + (number / intervalMs) * TICKS);
    }
  });
});

describe('a turn', () => {
  it('is skipped for a target that has not replied yet, without a delay for the others', () => {
    const watch = new Watch(hosts(10), 1000);
    watch.latency = (address) => (address === 'h3' ? 2500 : address === 'h4' ? undefined : 1);
    watch.run(10_000);
    expect(watch.times('h4')).toHaveLength(1);
    for (const gap of watch.gaps('h3').slice(1)) expect(Math.abs(gap - 3000)).toBeLessThanOrEqual(TICKS);
    for (const gap of watch.gaps('h5').slice(1)) expect(Math.abs(gap - 1000)).toBeLessThanOrEqual(TICKS);
  });

  it('comes late after the process was blocked, without a burst', () => {
    const watch = new Watch(hosts(10_000), 10_000).run(20_000);
    watch.now += 5000;
    watch.run(26_000);
    expect(watch.count(25_000, 25_000 + TICKS)).toBeLessThanOrEqual(100 + TICKS);
    expect(watch.count(25_000, 26_000)).toBeLessThanOrEqual(1100 + TICKS);
    // no target was lost
    watch.run(40_000);
    expect(Math.max(...watch.gaps('h9999').slice(1))).toBeLessThanOrEqual(15_000 + TICKS);
  });
});

describe('targets', () => {
  it('that occur several times are requested once', () => {
    const watch = new Watch(['a', 'b', 'a', 'a'], 1000).run(400);
    expect(watch.requests.map(({ address }) => address)).toEqual(['a', 'b']);
    watch.run(10_000);
    for (const gap of watch.gaps('a').slice(1)) expect(Math.abs(gap - 1000)).toBeLessThanOrEqual(TICKS);
  });

  it('that were added are requested within a second', () => {
    const list = hosts(1000);
    const watch = new Watch(list, 60_000).run(30_000);
    list.unshift('new');
    watch.run(31_100);
    expect(watch.times('new')).toHaveLength(1);
    watch.run(125_000);
    const [first, second] = watch.gaps('new');
    expect(first).toBeGreaterThan(30_000);
    expect(first).toBeLessThan(90_000 + TICKS);
    // the round has one more target
    expect(second).toBeUndefined();
  });

  it('that were removed are no longer requested, and their requests end', () => {
    const list = hosts(100);
    const watch = new Watch(list, 5000);
    watch.latency = (address) => (address === 'h0' ? undefined : 1);
    watch.run(5000);
    list.splice(0, 50);
    watch.run(6100);
    expect(watch.removed).toEqual(hosts(50));
    watch.run(30_000);
    expect(Math.max(...watch.times('h40'))).toBeLessThan(6100);
    // the others keep their rate
    expect(watch.count(20_000, 25_000)).toBeGreaterThanOrEqual(49);
    expect(watch.count(20_000, 25_000)).toBeLessThanOrEqual(51);
  });

  it('that were removed from a Set are no longer requested at once, and yield nothing more', () => {
    const set = new Set(hosts(10));
    const watch = new Watch(set, 1000);
    watch.latency = () => 50;
    watch.run(2005);
    const last = watch.requests.at(-1)?.address ?? '';
    const yielded = watch.yielded.length;
    set.clear();
    watch.run(2100);
    expect(last).not.toBe('');
    expect(watch.requests.at(-1)?.at).toBeLessThan(2006);
    expect(watch.yielded).toHaveLength(yielded);
  });

  it('that are added again are treated as new', () => {
    const set = new Set(['a', 'b']);
    const watch = new Watch(set, 1000);
    watch.outcome = () => ({ value: 5, error: null });
    watch.run(4000);
    set.delete('a');
    watch.run(8000);
    set.add('a');
    watch.run(12_000);
    expect(watch.yielded).toEqual([
      { address: 'a', value: 5, error: null },
      { address: 'b', value: 5, error: null },
      { address: 'a', value: 5, error: null },
    ]);
  });

  it('can be empty for a time', () => {
    const set = new Set<string>();
    const watch = new Watch(set, 15_000).run(60_000);
    expect(watch.requests).toEqual([]);
    set.add('a');
    watch.run(61_500);
    expect(watch.times('a')).toHaveLength(1);
  });

  it('are iterated rarely if iteration is slow', () => {
    const iterated: number[] = [];
    const watch = new Watch(
      {
        *[Symbol.iterator]() {
          iterated.push(watch.now);
          watch.now += 50;
          yield 'a';
        },
      },
      1000,
    );
    watch.run(60_000);
    expect(iterated.length).toBeGreaterThan(10);
    expect(iterated.length).toBeLessThanOrEqual(13);
    expect(watch.times('a').length).toBeGreaterThan(50);
  });

  it('must be strings, and not too many', () => {
    expect(() => new Watch([5 as unknown as string], 1000).run(10)).toThrow(
      new TypeError('address must be a string, not number'),
    );
    function* endless() {
      for (;;) yield 'a';
    }
    const many = { [Symbol.iterator]: endless };
    expect(() => new Watch(many, 1000).run(10)).toThrow(
      new RangeError('there are more than 1000000 targets: watch them in several processes'),
    );
  });
});

describe('an outcome', () => {
  const refused = (message: string) => new ChronyConnectionError(message);

  it('is yielded if it differs from the previous one', () => {
    const outcomes: Outcome[] = [
      { value: { stratum: 3, offset: 0.5 }, error: null },
      { value: { stratum: 3, offset: 0.5 }, error: null },
      { value: { stratum: 3, offset: 0.6 }, error: null },
      { value: [{ stratum: 3 }], error: null },
      { value: [{ stratum: 3 }], error: null },
      { value: [{ stratum: 3 }, { stratum: 3 }], error: null },
      { value: null, error: null },
      { value: null, error: null },
      { value: null, error: refused('refused') },
      { value: null, error: refused('refused') },
      { value: null, error: refused('unreachable') },
      { value: null, error: new ChronyTimeoutError('unreachable') },
      { value: null, error: null },
    ];
    const yielded = outcomes.filter((_, i) => ![1, 4, 7, 9].includes(i));
    const left = [...outcomes];
    const watch = new Watch(['a'], 1000);
    watch.outcome = () => left.shift() as Outcome;
    watch.run(outcomes.length * 1000 - 100);
    expect(watch.yielded).toEqual(yielded.map((outcome) => ({ address: 'a', ...outcome })));
  });

  it('is always yielded with includeUnchanged', () => {
    const watch = new Watch(['a'], 1000, true);
    watch.outcome = () => ({ value: 5, error: null });
    watch.run(4900);
    expect(watch.yielded).toHaveLength(5);
  });
});
