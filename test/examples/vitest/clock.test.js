import { makeTracking, scenario, startMockChronyd, testTime } from 'chrony-wasm/testing';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cachedDescription, describe, requireGoodClock } from './clock.js';

let mock;
beforeEach(async () => {
  mock = await startMockChronyd();
});
afterEach(async () => {
  vi.useRealTimers();
  await mock.close();
});

it('starts on a good clock', async () => {
  await requireGoodClock(mock.address);
});

it.each(['unsynchronized', 'no selected source', 'disrupted', 'silence'])(
  'does not start: %s',
  async (name) => {
    mock.scenario = name;
    await expect(requireGoodClock(mock.address)).rejects.toThrow('bad clock: ');
  },
);

it('does not start with an offset of a second', async () => {
  mock.scenario = scenario('synchronized', { tracking: { offset: 1 } });
  await expect(requireGoodClock(mock.address)).rejects.toThrow('may be 1.01');
});

// a factory gives the same values each time
it('describes a clock', () => {
  expect(describe(makeTracking({ stratum: 2 }))).toBe('stratum 2, 0.017 ms, 2023-11-14T22:12:57.000Z');
});

// so does a mock with a time of its own
it('describes the clock of a chronyd', async () => {
  const fixed = await startMockChronyd('gps', { time: testTime });
  const description = await cachedDescription(fixed.address)();
  await fixed.close();
  expect(description).toMatchInlineSnapshot(`"stratum 1, 0.000 ms, 2023-11-14T22:13:11.000Z"`);
});

// fake timers do not stop the mock, nor the library
it('asks at most once a minute', async () => {
  vi.useFakeTimers();
  const description = cachedDescription(mock.address);
  const first = await description();
  mock.scenario = 'unsynchronized';
  vi.advanceTimersByTime(59_999);
  expect(await description()).toBe(first);
  vi.advanceTimersByTime(1);
  expect(await description()).toBe('not synchronized');
  expect(mock.requests).toHaveLength(2);
});
