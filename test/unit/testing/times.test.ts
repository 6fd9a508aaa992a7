/** The times of the factories are fixed, and the times of a mock are recent. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ChronyConnection, checkHealth, getTracking } from '../../../src/index.ts';
import * as testing from '../../../src/testing/index.ts';
import {
  type MockChronyd,
  makeManualSample,
  makeNtpData,
  makeRtcData,
  makeTracking,
  scenario,
  startMockChronyd,
  testTime,
} from '../../../src/testing/index.ts';

afterEach(() => void vi.useRealTimers());

/** Fakes only the wall clock, which is stopped then. */
function setDate(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: 1000 * seconds });
}

describe('factories', () => {
  it('give the same values at any time', () => {
    const all = (): unknown[] =>
      Object.entries(testing)
        .filter(([name]) => name.startsWith('make'))
        .map(([, make]) => (make as () => object)());
    const now = all();
    setDate(2_000_000_000);
    expect(all()).toEqual(now);
  });

  it('give times shortly before testTime', () => {
    expect(makeTracking().refTime).toBe(testTime - 23);
    expect(makeNtpData().refTime).toBe(testTime - 157);
    expect(makeRtcData().refTime).toBe(testTime - 74);
    expect(makeManualSample().time).toBe(testTime - 90_000);
  });

  it('accept other times, and the times of scenarios', () => {
    expect(makeTracking({ refTime: 5 }).refTime).toBe(5);
    expect(makeTracking(scenario('stale').tracking).refTime).toBe(testTime - 4300);
    expect(makeManualSample({ time: -60 }).time).toBe(testTime - 60);
  });
});

async function refTime(mock: MockChronyd): Promise<number> {
  return (await getTracking(mock.address)).refTime;
}

describe('a mock', () => {
  it('has recent times whenever it is queried', async () => {
    await using mock = await startMockChronyd();
    for (const age of [0, -86_400, 400 * 86_400]) {
      const now = Date.now() / 1000 + age;
      setDate(now);
      const { state, figures } = await checkHealth(mock.address);
      expect(state).toBe('ok');
      expect(figures?.measurementAge).toBeGreaterThanOrEqual(23 - 1);
      expect(figures?.measurementAge).toBeLessThan(23 + 64 + 1);
      vi.useRealTimers();
    }
  });

  it('appears to measure every 64 seconds, with constant times in between', async () => {
    const start = 1_750_000_000;
    setDate(start);
    await using mock = await startMockChronyd();
    const seen: number[] = [];
    for (const passed of [0, 1, 63.9, 64, 127, 128, 3600]) {
      setDate(start + passed);
      seen.push((await refTime(mock)) - start);
    }
    expect(seen).toEqual([-23, -23, -23, 41, 41, 105, 3561]);
    setDate(start + 3700);
    mock.scenario = 'stale';
    expect(await refTime(mock)).toBe(start + 3700 - 4300);
  });

  it('repeats its replies with a fixed time', async () => {
    const read = async (): Promise<unknown> => {
      await using mock = await startMockChronyd('synchronized', { time: testTime });
      const chrony = await ChronyConnection.open(mock.address);
      const reports = await chrony.getReports(['tracking', 'sources', 'ntpdata', 'rtcdata']);
      const manual = await chrony.getManualList();
      await chrony.close();
      return { reports, manual };
    };
    const first = await read();
    expect(JSON.stringify(first)).toContain(String(testTime - 23));
    setDate(2_000_000_000);
    expect(await read()).toEqual(first);
  });

  it('does not change other times', async () => {
    const tracking = { refTime: 1_234_567_890.5 };
    await using mock = await startMockChronyd(scenario('synchronized', { tracking }));
    expect(await refTime(mock)).toBe(1_234_567_890.5);
    mock.scenario = scenario('synchronized', { tracking: { refTime: 0 }, timeBits: 32 });
    expect(await refTime(mock)).toBe(0);
    mock.scenario = 'unsynchronized';
    expect(await refTime(mock)).toBe(0);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number])(
    'rejects the time %j',
    async (time) => {
      await expect(startMockChronyd('synchronized', { time })).rejects.toThrow(
        new RangeError(`startMockChronyd(): time is seconds since the epoch, not ${time}`),
      );
    },
  );
});
