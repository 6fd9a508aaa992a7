/** A queue whose entries wait for their turn, with fake time. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as timers from '../../../src/util/timers.ts';
import { WaitQueue } from '../../../src/util/wait-queue.ts';
import { type FakeTime, fakeTime, TURN_MS } from './fake-time.ts';

const STALLED_MS = 1000;
/** The time until an entry without progress gives up, which takes an additional turn. */
const LIMIT_MS = STALLED_MS + TURN_MS;

let time: FakeTime;
let queue: WaitQueue<string>;
/** The entries that gave up, with the time in milliseconds since the start of the test. */
let gaveUp: [entry: string, ms: number][];
let startMs: number;

beforeEach(() => {
  time = fakeTime();
  startMs = time.monotonicMs();
  gaveUp = [];
  queue = new WaitQueue(STALLED_MS, (entry) => gaveUp.push([entry, time.monotonicMs() - startMs]));
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('entries', () => {
  it('leave in the order in which they were added', () => {
    for (const entry of ['a', 'b', 'c']) queue.add(entry);
    expect([...queue]).toEqual(['a', 'b', 'c']);
    expect(queue.shift()).toBe('a');
    queue.add('a');
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['b', 'c', 'a']);
    expect(queue.shift()).toBeUndefined();
    expect(queue.size).toBe(0);
  });

  it('can leave from the middle', () => {
    for (const entry of ['a', 'b', 'c']) queue.add(entry);
    expect(queue.delete('b')).toBe(true);
    expect(queue.delete('b')).toBe(false);
    expect(queue.size).toBe(2);
    expect([queue.shift(), queue.shift()]).toEqual(['a', 'c']);
  });

  it('can leave during iteration', () => {
    for (const entry of ['a', 'b', 'c']) queue.add(entry);
    const seen: string[] = [];
    for (const entry of queue) {
      seen.push(entry);
      queue.delete('b');
    }
    expect(seen).toEqual(['a', 'c']);
  });

  it('do not give up after they have left', () => {
    for (const entry of ['a', 'b', 'c']) queue.add(entry);
    queue.shift();
    queue.delete('c');
    time.pass(10 * STALLED_MS);
    expect(gaveUp).toEqual([['b', LIMIT_MS]]);
  });

  it('and the timer are removed by clear()', () => {
    for (const entry of ['a', 'b']) queue.add(entry);
    queue.clear();
    expect(queue.size).toBe(0);
    expect(time.pending).toBe(0);
    time.pass(10 * STALLED_MS);
    expect(gaveUp).toEqual([]);
    queue.add('c');
    time.pass(10 * STALLED_MS);
    expect(gaveUp).toEqual([['c', 10 * STALLED_MS + LIMIT_MS]]);
  });
});

describe('an entry gives up', () => {
  it('exactly when there is no progress for the limit after it was added', () => {
    queue.add('a');
    time.pass(STALLED_MS);
    expect(gaveUp).toEqual([]);
    expect(queue.size).toBe(1);
    time.pass(TURN_MS);
    expect(gaveUp).toEqual([['a', LIMIT_MS]]);
    expect(queue.size).toBe(0);
  });

  it('each after its own time', () => {
    for (const entry of ['a', 'b', 'c']) {
      queue.add(entry);
      time.pass(300);
    }
    time.pass(10 * STALLED_MS);
    expect(gaveUp.map(([entry]) => entry)).toEqual(['a', 'b', 'c']);
    for (const [i, [, ms]] of gaveUp.entries()) {
      expect(ms).toBeGreaterThanOrEqual(300 * i + STALLED_MS);
      expect(ms).toBeLessThanOrEqual(300 * i + STALLED_MS + 3 * TURN_MS);
    }
  });

  it('when there is no progress for the limit after the last progress, including entries added since', () => {
    queue.add('a');
    time.pass(600);
    queue.progress();
    queue.add('b');
    time.pass(300);
    queue.progress();
    time.pass(STALLED_MS);
    expect(gaveUp).toEqual([]);
    time.pass(3 * TURN_MS);
    expect(gaveUp.map(([entry]) => entry)).toEqual(['a', 'b']);
  });

  it('no earlier than the limit after it was added, however old the last progress is', () => {
    queue.add('a');
    queue.progress();
    time.pass(900);
    queue.add('b');
    time.pass(200);
    expect(gaveUp.map(([entry]) => entry)).toEqual(['a']);
    time.pass(700);
    expect(gaveUp.map(([entry]) => entry)).toEqual(['a']);
    time.pass(150);
    expect(gaveUp.map(([entry]) => entry)).toEqual(['a', 'b']);
  });

  it('never, as long as there is progress', () => {
    queue.add('a');
    for (let i = 0; i < 20; i++) {
      time.pass(STALLED_MS - 1);
      queue.progress();
    }
    expect(gaveUp).toEqual([]);
    time.pass(LIMIT_MS + TURN_MS);
    expect(gaveUp).toHaveLength(1);
  });

  it('after it has left the queue, and can remove other entries or add new ones', () => {
    const seen: [entry: string, size: number][] = [];
    const many = new WaitQueue<string>(STALLED_MS, (entry) => {
      seen.push([entry, many.size]);
      many.delete('b');
      if (entry === 'a') many.add('new');
    });
    for (const entry of ['a', 'b', 'c']) many.add(entry);
    time.pass(LIMIT_MS);
    expect(seen).toEqual([
      ['a', 2],
      ['c', 1],
    ]);
    time.pass(STALLED_MS + 2 * TURN_MS);
    expect(seen.at(-1)).toEqual(['new', 0]);
    expect(time.pending).toBe(0);
  });
});

describe('the timer', () => {
  it('is a single one, however many entries are added and removed', () => {
    const set = vi.mocked(timers.setTimeout);
    for (let i = 0; i < 1000; i++) {
      queue.add(`${i}`);
      queue.add(`again ${i}`);
      queue.shift();
      queue.progress();
      queue.delete(`again ${i}`);
    }
    expect(set).toHaveBeenCalledOnce();
    expect(time.pending).toBe(1);
  });

  it('does not keep the process alive', () => {
    queue.add('a');
    expect(time.pending).toBe(1);
    expect(time.awake).toBe(0);
    time.pass(STALLED_MS / 2);
    queue.progress();
    // the timer is set again for the remaining time
    time.pass(STALLED_MS / 2 + TURN_MS);
    expect(queue.size).toBe(1);
    expect(time.pending).toBe(1);
    expect(time.awake).toBe(0);
  });

  it('is not set again when the queue is empty', () => {
    queue.add('a');
    queue.shift();
    time.pass(LIMIT_MS);
    expect(time.pending).toBe(0);
  });
});

describe('after a stall of the process', () => {
  it('handles events first: pending progress keeps all entries', () => {
    queue.add('a');
    time.stall(10 * STALLED_MS);
    queue.progress();
    time.pass(TURN_MS);
    expect(gaveUp).toEqual([]);
    time.pass(STALLED_MS);
    expect(gaveUp).toHaveLength(1);
  });

  it('keeps an entry whose turn has come', () => {
    queue.add('a');
    queue.add('b');
    time.stall(10 * STALLED_MS);
    expect(queue.shift()).toBe('a');
    time.pass(TURN_MS);
    expect(gaveUp.map(([entry]) => entry)).toEqual(['b']);
  });
});

it("works under a test's fake timers", async () => {
  vi.restoreAllMocks();
  vi.useFakeTimers();
  const entry = await new Promise((resolve) => new WaitQueue<string>(1, resolve).add('a'));
  expect(entry).toBe('a');
});
