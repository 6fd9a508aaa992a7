/** The sources of a mock chronyd, each with its records in all reports. */

import { isIPv6 } from 'node:net';
import type { AuthData, DataOf, NtpData, NtpTests, SelectData, Source, SourceStats } from 'chrony-wasm';
import { fields } from '../reports/ntpdata.ts';
import { flagRecord } from '../reports/record.ts';
import { referenceIdOf } from './address.ts';
import { type Changes, merged } from './merge.ts';

/** A source, with its records in five reports. */
export interface MockSource {
  /** Its name as configured; its address if absent. A reference clock has none. */
  readonly name?: string;
  /**
   * Its record of the report `sources`. Requests for authdata, ntpdata and the name refer to its `address`. The
   * name is not part of the record: see {@link MockSource.name}.
   */
  readonly source: DataOf<Source>;
  /** Its record of `sourcestats`. That of a reference clock is sent without an address. */
  readonly stats: DataOf<SourceStats>;
  /** Its record of `selectdata`. That of a reference clock is sent without an address. */
  readonly select: DataOf<SelectData>;
  /** Its record of `authdata`; null for a reference clock. */
  readonly auth: DataOf<AuthData> | null;
  /** Its record of `ntpdata`; null for a reference clock. */
  readonly ntp: DataOf<NtpData> | null;
}

/**
 * Overrides for a source: properties of its records that differ from the defaults. `undefined` keeps the default.
 * In a scenario, a negative time is a number of seconds ago: see {@link Scenario}.
 */
export type MockSourceOverrides = Changes<MockSource>;

/**
 * Makes an NTP server as a source: reachable, of stratum 2, and combined with others.
 *
 * @param address - IPv4, IPv6, or `ID#` and ten digits for a server whose name is not resolved yet
 * @param overrides - properties of its records that differ; default none
 * @throws TypeError for a property that does not exist. An invalid address is reported only when the scenario is
 * used.
 *
 * @example
 * ```js
 * import { ntpSource, scenario } from 'chrony-wasm/testing';
 *
 * const wrong = { source: { state: 'falseticker' }, select: { state: 'falseticker' } };
 * const two = scenario('synchronized', { sources: [ntpSource('192.0.2.7'), ntpSource('2001:db8::7', wrong)] });
 * console.log(two.sources.length); // 2
 * ```
 */
export function ntpSource(address: string, overrides: MockSourceOverrides = {}): MockSource {
  const referenceId = referenceIdOf(address);
  const source: MockSource = {
    source: { address, ...sourceDefaults },
    stats: { referenceId, address, ...statsDefaults },
    select: { referenceId, address, ...selectDefaults },
    auth: { address, ...authDefaults },
    ntp: ntpDefaults(address),
  };
  return withChanges(source, overrides, 'ntpSource()');
}

/**
 * Makes a reference clock as a source: GPS, PPS and the like. It has neither `auth` nor `ntp`.
 *
 * @param name - its reference ID, up to four characters
 * @param overrides - properties of its records that differ; default none
 * @throws TypeError for a property that does not exist.
 *
 * @example
 * ```js
 * import { referenceClock } from 'chrony-wasm/testing';
 *
 * const pps = referenceClock('PPS', { source: { state: 'selected' }, select: { state: 'best' } });
 * console.log(pps.source.mode); // reference clock
 * ```
 */
export function referenceClock(
  name: string,
  overrides: Omit<MockSourceOverrides, 'auth' | 'ntp'> = {},
): MockSource {
  const referenceId = referenceIdOf(name);
  const source = {
    source: { address: name, ...sourceDefaults, ...clockDefaults },
    stats: { referenceId, address: name, ...statsDefaults, ...clockStats },
    select: { referenceId, address: name, ...selectDefaults, ...clockSelect },
  };
  return { ...withChanges(source, overrides, 'referenceClock()'), auth: null, ntp: null };
}

/** Returns the source with the overrides. It has a name only if one is given. */
function withChanges<T extends object>(source: T, overrides: MockSourceOverrides, where: string): T {
  const { name, ...changes } = merged<object>({ ...source, name: undefined }, overrides, where) as T & {
    readonly name: string | undefined;
  };
  return (name === undefined ? changes : { name, ...changes }) as T;
}

const sourceDefaults = {
  name: null,
  poll: 6,
  stratum: 2,
  state: 'unselected',
  mode: 'client',
  flags: 0,
  reachability: 0o377,
  lastSampleAgo: 23,
  origLatestMeas: 0.000124,
  latestMeas: 0.000131,
  latestMeasErr: 0.0123,
} satisfies Partial<DataOf<Source>>;

const statsDefaults = {
  samples: 12,
  runs: 6,
  span: 710,
  stdDev: 0.0000463,
  residFreq: 0.0021,
  skew: 0.187,
  offset: 0.0000322,
  offsetErr: 0.0000451,
} satisfies Partial<DataOf<SourceStats>>;

const selectDefaults = {
  state: 'combined',
  authenticated: false,
  leapStatus: 'normal',
  configuredOptions: [],
  effectiveOptions: [],
  lastSampleAgo: 23,
  score: 1,
  lowLimit: -0.0121,
  highLimit: 0.0124,
} satisfies Partial<DataOf<SelectData>>;

const authDefaults = {
  mode: 'none',
  keyType: null,
  keyId: 0,
  keyLength: 0,
  keAttempts: 0,
  lastKeAgo: null,
  cookies: 0,
  cookieLength: 0,
  nak: false,
} satisfies Partial<DataOf<AuthData>>;

function ntpDefaults(remoteAddress: string) {
  return {
    remoteAddress,
    localAddress: isIPv6(remoteAddress) ? '2001:db8::100' : '192.0.2.100',
    remotePort: 123,
    leapStatus: 'normal',
    version: 4,
    mode: 'server',
    stratum: 2,
    poll: 6,
    precision: -23,
    rootDelay: 0.00132,
    rootDispersion: 0.000427,
    referenceId: referenceIdOf('198.51.100.1'),
    refTime: -157,
    offset: -0.000131,
    peerDelay: 0.0213,
    peerDispersion: 0.000000271,
    responseTime: 0.0000517,
    jitterAsymmetry: 0,
    tests: everyTest(true),
    interleaved: false,
    authenticated: false,
    txTimestamping: 'kernel',
    rxTimestamping: 'kernel',
    txCount: 14,
    rxCount: 13,
    validCount: 13,
    goodCount: 12,
    kernelTxCount: 14,
    kernelRxCount: 13,
    hardwareTxCount: 0,
    hardwareRxCount: 0,
  } satisfies Partial<DataOf<NtpData>>;
}

const clockDefaults = {
  poll: 4,
  stratum: 0,
  mode: 'reference clock',
  lastSampleAgo: 9,
  origLatestMeas: -0.000000212,
  latestMeas: -0.000000198,
  latestMeasErr: 0.000000301,
} satisfies Partial<DataOf<Source>>;

const clockStats = {
  samples: 18,
  runs: 9,
  span: 272,
  stdDev: 0.000000244,
  residFreq: -0.0001,
  skew: 0.0033,
  offset: -0.0000000087,
  offsetErr: 0.000000112,
} satisfies Partial<DataOf<SourceStats>>;

const clockSelect = {
  lastSampleAgo: 9,
  lowLimit: -0.000000501,
  highLimit: 0.000000488,
} satisfies Partial<DataOf<SelectData>>;

/** The tests of a packet, all passed or all failed. */
export function everyTest(passed: boolean): NtpTests {
  return flagRecord(fields.tests.flags, () => passed);
}
