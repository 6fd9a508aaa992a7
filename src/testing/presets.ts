/** The building blocks of the named scenarios. Negative times are a number of seconds ago: see times.ts. */
import type {
  ClientAccess,
  DataOf,
  ManualSample,
  RtcData,
  ServerStats,
  Smoothing,
  TrackingStatus,
} from 'chrony-wasm';
import { CountIfSent } from '../reports/record.ts';
import { fields } from '../reports/serverstats.ts';
import { referenceIdOf } from './address.ts';
import { everyTest, type MockSourceOverrides } from './sources.ts';

/** A real-time clock that has been tracked for an hour. */
export function defaultRtc(): DataOf<RtcData> {
  return {
    refTime: -74,
    samples: 10,
    runs: 5,
    span: 3600,
    offset: -0.00341,
    freqOffset: -2.13,
  };
}

/** Active smoothing. */
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

/** This source has not answered for ten minutes, at one poll per minute. */
export const lost = {
  source: { state: 'nonselectable', reachability: 0, lastSampleAgo: 627 },
  select: { state: 'stale', lastSampleAgo: 627, lowLimit: -0.0431, highLimit: 0.0434 },
} satisfies MockSourceOverrides;

/** This source has missed the last four polls, which are 1024 s apart, and has kept its state. */
export function stale({ source, select }: MockSourceOverrides): MockSourceOverrides {
  return {
    source: { ...source, poll: 10, reachability: 0o360, lastSampleAgo: 4300 },
    select: { ...select, lastSampleAgo: 4300, lowLimit: -0.0183, highLimit: 0.0186 },
    stats: { span: 11_264 },
    ntp: { poll: 10, refTime: -4434 },
  };
}

/** chronyd dropped the measurements of this source and has measured it once since. The clock is an hour slow. */
export const measuredOnce = {
  source: {
    state: 'nonselectable',
    reachability: 0o377,
    lastSampleAgo: 6,
    origLatestMeas: -3600,
    latestMeas: -3600,
  },
  stats: { samples: 1, runs: 0, span: 0, stdDev: 4, residFreq: 0, skew: 2000, offset: -3600, offsetErr: 4 },
  select: { state: 'missing samples', lastSampleAgo: 6, lowLimit: -3600.0123, highLimit: -3599.9877 },
  ntp: { offset: 3600, refTime: -140 },
} satisfies MockSourceOverrides;

/** This source is never selected. */
export const ignored = {
  source: { state: 'nonselectable' },
  select: { state: 'ignored', configuredOptions: ['noselect'], effectiveOptions: ['noselect'] },
} satisfies MockSourceOverrides;

/** This source has not answered yet. chronyd reports mostly zeros for it. */
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
export const unsynchronized: DataOf<TrackingStatus> = {
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

/** A clock that no longer follows a source and keeps its frequency. */
export const restarted: DataOf<TrackingStatus> = {
  ...unsynchronized,
  lastOffset: -0.0000124,
  rmsOffset: 0.0000289,
  frequency: -11.723,
  updateInterval: 64.4,
};

/** A clock that follows an NTP server. */
export function synchronizedTo(address: string): DataOf<TrackingStatus> {
  return {
    referenceId: referenceIdOf(address),
    referenceIdName: address,
    referenceIp: address,
    stratum: 3,
    leapStatus: 'normal',
    refTime: -23,
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
export function synchronizedToClock(name: string): DataOf<TrackingStatus> {
  return {
    ...synchronizedTo(name),
    referenceIp: null,
    stratum: 1,
    refTime: -9,
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

/** A client that requests the time every 64 seconds. */
export function client(address: string, overrides: Partial<DataOf<ClientAccess>> = {}): DataOf<ClientAccess> {
  return {
    address,
    ntpHits: 1350,
    ntpDrops: 0,
    ntpInterval: 6,
    ntpTimeoutInterval: null,
    lastNtpHitAgo: 41,
    ntsKeHits: 0,
    ntsKeDrops: 0,
    ntsKeInterval: null,
    lastNtsKeHitAgo: null,
    commandHits: 0,
    commandDrops: 0,
    commandInterval: null,
    lastCommandHitAgo: null,
    ...overrides,
  };
}

/**
 * The clients of {@link serverStats}: ten with the usual interval, one over IPv6, and two with NTS. In addition,
 * one sends too often and is rate-limited, one sent a single request, and one is a monitor on the same machine.
 */
export function clients(): DataOf<ClientAccess>[] {
  const never = { ntpHits: 0, ntpInterval: null, lastNtpHitAgo: null };
  return [
    client('127.0.0.1', {
      ...never,
      commandHits: 904,
      commandDrops: 3,
      commandInterval: 4,
      lastCommandHitAgo: 2,
    }),
    ...Array.from({ length: 10 }, (_, i) =>
      client(`198.51.100.${i + 20}`, { ntpHits: 1350 - 9 * i, lastNtpHitAgo: 5 + 6 * i }),
    ),
    client('2001:db8::20', { ntpHits: 84, ntpInterval: 10, lastNtpHitAgo: 712 }),
    client('203.0.113.5', { ntsKeHits: 24, ntsKeInterval: 12, lastNtsKeHitAgo: 3310 }),
    client('203.0.113.6', { ntsKeHits: 17, ntsKeDrops: 2, ntsKeInterval: 12, lastNtsKeHitAgo: 950 }),
    client('203.0.113.66', {
      ntpHits: 36_120,
      ntpDrops: 17,
      ntpInterval: -2,
      ntpTimeoutInterval: 0,
      lastNtpHitAgo: 0,
    }),
    client('203.0.113.99', { ntpHits: 1, ntpInterval: null, lastNtpHitAgo: 86_012 }),
  ];
}

/** Two manual samples, a day apart. */
export function manualSamples(): DataOf<ManualSample>[] {
  return [
    { time: -90_000, slewedOffset: 0.21, originalOffset: -1.37, residual: 0.08 },
    { time: -3600, slewedOffset: -0.04, originalOffset: -0.04, residual: -0.08 },
  ];
}

/** The counters that the oldest servers do not have. */
export const unknownToOldServers: Partial<DataOf<ServerStats>> = Object.fromEntries(
  Object.entries(fields)
    .filter(([, field]) => field instanceof CountIfSent)
    .map(([property]) => [property, null]),
);
