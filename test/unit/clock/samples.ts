/** Samples for tests. */
import type { TrackingSample } from '../../../src/clock/sample.ts';
import { LeapStatus } from '../../../src/index.ts';
import { makeTracking } from '../../../src/testing/index.ts';

/** The time of the samples, in seconds since the epoch. */
export const TIME = 1_795_608_000;

/** Creates a sample taken `age` seconds after its reference time. */
export function makeSample(
  tracking: Parameters<typeof makeTracking>[0] = {},
  age = 1,
  pollSeconds: number | null = null,
): TrackingSample {
  return {
    tracking: makeTracking({ refTime: TIME - age, updateInterval: 64, ...tracking }),
    time: TIME,
    selected: pollSeconds === null ? null : { pollSeconds, measurement: null },
  };
}

export const unsynchronized = makeSample({ referenceId: 0, leapStatus: LeapStatus.UNSYNC });
export const local = makeSample({ referenceId: 0x7f7f0101, referenceIp: null, updateInterval: 0 });
