/** Tracking and sources of clocks for tests of health and of the command line. */
import { type DataOf, type Source, TrackingStatus } from '../../../src/index.ts';
import { makeSource, makeTracking } from '../../../src/testing/index.ts';

export type Clock = Partial<DataOf<TrackingStatus>>;

export const LOCAL = { referenceId: 0x7f7f0101, referenceIp: null, referenceIdName: '127.127.1.1' };
export const UNSYNCHRONIZED = {
  referenceId: 0,
  referenceIp: null,
  referenceIdName: '',
  stratum: 0,
  leapStatus: 'not synchronized',
  rootDelay: 1,
  rootDispersion: 1,
} as const;

/** Created once, because the generated tests need thousands of clocks. */
const CLOCK = makeTracking({
  offset: 0,
  rootDelay: 0,
  rootDispersion: 0.001,
  // some tests judge the clock at the current time
  refTime: Math.floor(Date.now() / 1000) - 23,
});
const REACHABLE = makeSource({ reachability: 0o377 });
const UNREACHABLE = makeSource({ reachability: 0 });
const SELECTED = makeSource({ reachability: 0o377, state: 'selected' });
/** chronyd keeps a source selected for some polls after it became unreachable. */
const SELECTED_UNREACHABLE = makeSource({ reachability: 0, state: 'selected' });

/** Returns `all` sources, of which `reachable` answer. The first one is selected. */
export function sources(reachable: number, all = reachable): Source[] {
  return Array.from({ length: all }, (_, i) => {
    if (i === 0) return reachable > 0 ? SELECTED : SELECTED_UNREACHABLE;
    return i < reachable ? REACHABLE : UNREACHABLE;
  });
}

/** chronyd allows for as much drift as the judgment does, so that the maximum error is the one that chronyd reports. */
export const NO_DRIFT = { maxClockErrorPpm: 50 };

/** A clock whose maximum error equals its root dispersion, unless overridden. */
export function tracking(overrides: Clock = {}): TrackingStatus {
  return new TrackingStatus({ ...CLOCK, ...overrides });
}
