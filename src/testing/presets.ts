/** Ready-made data that the named scenarios are put together from. */
import type { DataOf, RtcData, ServerStats, Smoothing, TrackingStatus } from 'chrony-wasm';
import { CountIfSent } from '../reports/record.ts';
import { fields } from '../reports/serverstats.ts';
import { referenceIdOf } from './address.ts';
import { everyTest, type MockSourceOverrides } from './sources.ts';

/** A real-time clock that has been tracked for an hour. */
export function defaultRtc(): DataOf<RtcData> {
  return {
    refTime: secondsAgo(74),
    samples: 10,
    runs: 5,
    span: 3600,
    offset: -0.00341,
    freqOffset: -2.13,
  };
}

/** Smoothing at work. */
export function defaultSmoothing(): DataOf<Smoothing> {
  return {
    active: true,
    leapOnly: false,
    offset: 0.000217,
    frequency: 0.0123,
    wander: -0.00045,
    lastUpdateAgo: 31.5,
    remainingTime: 118.25,
  };
}

/** The clock follows this source. */
export const selected = {
  source: { state: 'selected' },
  select: { state: 'best' },
} satisfies MockSourceOverrides;

/** The majority disagrees with this source, by half a second. */
export const falseticker = {
  source: { state: 'falseticker', latestMeas: 0.472, origLatestMeas: 0.471 },
  select: { state: 'falseticker', lowLimit: 0.459, highLimit: 0.484 },
  stats: { offset: 0.471 },
  ntp: { offset: -0.471 },
} satisfies MockSourceOverrides;

/** This source is never selected. */
export const ignored = {
  source: { state: 'nonselectable' },
  select: { state: 'ignored', configuredOptions: ['noselect'], effectiveOptions: ['noselect'] },
} satisfies MockSourceOverrides;

/** This source has not answered yet: what chronyd then has is mostly zeros. */
export const unreachable = {
  source: {
    state: 'nonselectable',
    stratum: 0,
    reachability: 0,
    lastSampleAgo: null,
    origLatestMeas: 0,
    latestMeas: 0,
    latestMeasErr: 0,
  },
  stats: { samples: 0, runs: 0, span: 0, stdDev: 4, residFreq: 0, skew: 2000, offset: 0, offsetErr: 0 },
  select: {
    state: 'missing samples',
    leapStatus: 'not synchronized',
    lastSampleAgo: null,
    lowLimit: 0,
    highLimit: 0,
  },
  ntp: {
    localAddress: null,
    version: 0,
    mode: null,
    stratum: 0,
    poll: 0,
    precision: 0,
    rootDelay: 0,
    rootDispersion: 0,
    referenceId: 0,
    refTime: 0,
    offset: 0,
    peerDelay: 0,
    peerDispersion: 0,
    responseTime: 0,
    tests: everyTest(false),
    txTimestamping: null,
    rxTimestamping: null,
    rxCount: 0,
    validCount: 0,
    goodCount: 0,
    kernelRxCount: 0,
  },
} satisfies MockSourceOverrides;

/** A clock that follows no source. */
export const unsynchronised: DataOf<TrackingStatus> = {
  referenceId: 0,
  referenceIdName: '',
  referenceIp: null,
  stratum: 0,
  leapStatus: 'not synchronized',
  refTime: 0,
  offset: 0,
  lastOffset: 0,
  rmsOffset: 0,
  frequency: 0,
  residualFreq: 0,
  skew: 0,
  rootDelay: 1,
  rootDispersion: 1,
  updateInterval: 0,
};

/** A clock that follows an NTP server. */
export function synchronisedTo(address: string): DataOf<TrackingStatus> {
  return {
    referenceId: referenceIdOf(address),
    referenceIdName: address,
    referenceIp: address,
    stratum: 3,
    leapStatus: 'normal',
    refTime: secondsAgo(23),
    offset: 0.0000173,
    lastOffset: -0.0000124,
    rmsOffset: 0.0000289,
    frequency: -11.723,
    residualFreq: -0.0013,
    skew: 0.0412,
    rootDelay: 0.0226,
    rootDispersion: 0.00107,
    updateInterval: 64.4,
  };
}

/** A clock that follows a reference clock. */
export function synchronisedToClock(name: string): DataOf<TrackingStatus> {
  return {
    ...synchronisedTo(name),
    referenceIp: null,
    stratum: 1,
    refTime: secondsAgo(9),
    offset: 0.000000021,
    lastOffset: -0.000000017,
    rmsOffset: 0.000000056,
    skew: 0.0031,
    rootDelay: 0.000000001,
    rootDispersion: 0.0000128,
    updateInterval: 16,
  };
}

/** This source is authenticated by NTS. */
export function nts(overrides: MockSourceOverrides): MockSourceOverrides {
  return {
    ...overrides,
    auth: {
      mode: 'NTS',
      keyType: 'AEAD-AES-SIV-CMAC-256',
      keyId: 1,
      keyLength: 256,
      keAttempts: 0,
      lastKeAgo: 5412,
      cookies: 8,
      cookieLength: 100,
    },
    select: { ...overrides.select, authenticated: true },
    ntp: { authenticated: true },
  };
}

/** A server with some traffic, a little of it authenticated or interleaved. */
export function serverStats(): DataOf<ServerStats> {
  return {
    ntpReceived: 52_318,
    ntpDropped: 17,
    commandReceived: 904,
    commandDropped: 3,
    logDropped: 0,
    ntsKeAccepted: 41,
    ntsKeDropped: 2,
    ntpAuthenticated: 1877,
    ntpInterleaved: 612,
    timestampsHeld: 1024,
    timestampSpan: 97,
    daemonRx: 12,
    daemonTx: 51_980,
    kernelRx: 52_289,
    kernelTx: 321,
    hardwareRx: 0,
    hardwareTx: 0,
  };
}

/** What the oldest servers do not count. */
export const unknownToOldServers: Partial<DataOf<ServerStats>> = Object.fromEntries(
  Object.entries(fields)
    .filter(([, field]) => field instanceof CountIfSent)
    .map(([property]) => [property, null]),
);

function secondsAgo(seconds: number): number {
  return Math.floor(Date.now() / 1000) - seconds;
}
