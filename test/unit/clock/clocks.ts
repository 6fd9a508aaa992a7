/** Clocks to be judged. */
import type { DataOf, TrackingStatus } from '../../../src/index.ts';
import { makeSource, makeTracking } from '../../../src/testing/index.ts';

export type Clock = Partial<DataOf<TrackingStatus>>;

export const LOCAL = { referenceId: 0x7f7f0101, referenceIp: null, referenceIdName: '127.127.1.1' };
export const UNSYNCHRONISED = {
  referenceId: 0,
  referenceIp: null,
  referenceIdName: '',
  stratum: 0,
  leapStatus: 'not synchronized',
  rootDelay: 1,
  rootDispersion: 1,
} as const;

/** So many sources, and how many of them answer. */
export function sources(reachable: number, all = reachable) {
  return Array.from({ length: all }, (_, i) => makeSource({ reachability: i < reachable ? 0o377 : 0 }));
}

/** A clock whose maximum error is its root dispersion, unless something else is said. */
export function tracking(overrides: Clock = {}): TrackingStatus {
  return makeTracking({ offset: 0, rootDelay: 0, rootDispersion: 0.001, ...overrides });
}
