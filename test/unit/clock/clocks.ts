/** Clocks to be judged. */
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

/** Made once: the generated tests need thousands of them. */
const CLOCK = makeTracking({
  offset: 0,
  rootDelay: 0,
  rootDispersion: 0.001,
  // some tests judge it now
  refTime: Math.floor(Date.now() / 1000) - 23,
});
const REACHABLE = makeSource({ reachability: 0o377 });
const UNREACHABLE = makeSource({ reachability: 0 });
const SELECTED = makeSource({ reachability: 0o377, state: 'selected' });
/** chronyd keeps a source selected for some polls after it was last reachable. */
const SELECTED_UNREACHABLE = makeSource({ reachability: 0, state: 'selected' });

/** So many sources, and how many of them answer. The first is selected. */
export function sources(reachable: number, all = reachable): Source[] {
  return Array.from({ length: all }, (_, i) => {
    if (i === 0) return reachable > 0 ? SELECTED : SELECTED_UNREACHABLE;
    return i < reachable ? REACHABLE : UNREACHABLE;
  });
}

/** chronyd allows for as much drift as the judgement: the maximum error is the one that chronyd reports. */
export const NO_DRIFT = { maxClockErrorPpm: 50 };

/** A clock whose maximum error is its root dispersion, unless something else is said. */
export function tracking(overrides: Clock = {}): TrackingStatus {
  return new TrackingStatus({ ...CLOCK, ...overrides });
}
