/** A real chronyd with known replies: it is in local mode and has many sources, all of which are offline. */
import { expect } from 'vitest';
import type { ChronyConnection } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';

export const SOURCES = 8;

/** The sources differ in their address and poll interval, which the reports show. */
const config = [
  'local stratum 7',
  ...Array.from(
    { length: SOURCES },
    (_, i) => `server 127.0.0.${i + 2} port 9 offline minpoll ${i + 4} maxpoll 14`,
  ),
];

export function startServer(): Promise<Chronyd> {
  return Chronyd.start({ config });
}

/** A report and its expected content. */
export interface Query {
  /** The number of requests that must be answered. */
  readonly exchanges: number;
  /** @throws an assertion error if the reply is wrong, and a ChronyError if the call fails */
  readonly ask: (chrony: ChronyConnection) => Promise<void>;
}

const one = (ask: Query['ask']): Query => ({ exchanges: 1, ask });
/** The requests are: the number of sources and the last source, both before and after, and every source. */
const perSource = (ask: Query['ask']): Query => ({ exchanges: SOURCES + 4, ask });

/** The reports that are allowed over UDP. */
export const queries = {
  tracking: one(async (chrony) => {
    expect(await chrony.getTracking()).toMatchObject({
      referenceId: 0x7f7f0101,
      stratum: 7,
      leapStatus: 'normal',
      offset: 0,
      skew: 0,
      updateInterval: 0,
    });
  }),
  activity: one(async (chrony) => {
    expect(await chrony.getActivity()).toEqual({
      online: 0,
      offline: SOURCES,
      burstOnline: 0,
      burstOffline: 0,
      unresolved: 0,
    });
  }),
  sources: perSource(async (chrony) => {
    const sources = await chrony.getSources();
    expect(sources.map(({ address, poll, lastSampleAgo }) => [address, poll, lastSampleAgo])).toEqual(
      Array.from({ length: SOURCES }, (_, i) => [`127.0.0.${i + 2}`, i + 4, null]),
    );
  }),
  sourcestats: perSource(async (chrony) => {
    const stats = await chrony.getSourceStats();
    expect(stats.map(({ address, referenceId, samples }) => [address, referenceId, samples])).toEqual(
      Array.from({ length: SOURCES }, (_, i) => [`127.0.0.${i + 2}`, 0x7f000002 + i, 0]),
    );
  }),
  rtcdata: one(async (chrony) => expect(await chrony.getRtcData()).toBeNull()),
  smoothing: one(async (chrony) => expect(await chrony.getSmoothing()).toBeNull()),
} satisfies Record<string, Query>;
