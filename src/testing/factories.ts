/**
 * Factories of the data classes, for tests of code that uses them. The objects are valid as they are; a test
 * overrides by name only the values that it is about. The same call gives the same values.
 */
import {
  Activity,
  AuthData,
  ClientAccess,
  type DataOf,
  ManualSample,
  NtpData,
  RtcData,
  SelectData,
  ServerStats,
  Smoothing,
  Source,
  SourceName,
  SourceStats,
  TrackingStatus,
} from 'chrony-wasm';
import { type Changes, merged } from './merge.ts';
import {
  client,
  defaultRtc,
  defaultSmoothing,
  manualSamples,
  serverStats,
  synchronizedTo,
} from './presets.ts';
import { ntpSource } from './sources.ts';
import { absoluteTime, testTime } from './times.ts';

/** The argument of a factory: properties that replace the defaults. `undefined` keeps the default. */
export type Overrides<T> = Changes<DataOf<T>>;

/** The address of the source that the values describe, from a range reserved for documentation. */
const ADDRESS = '192.0.2.1';

/** Makes an object of a class from its default values and the overrides. */
function make<T>(
  Class: new (data: DataOf<T>) => T,
  defaults: DataOf<T>,
  overrides: Overrides<T>,
  where: string,
): T {
  return new Class(merged<DataOf<T>>(defaults, overrides, where));
}

/** Does the same for a class with a reference time, which is relative to {@link testTime} if it is negative. */
function makeTimed<T>(
  Class: new (data: DataOf<T>) => T,
  defaults: DataOf<T> & { readonly refTime: number },
  overrides: Overrides<T>,
  where: string,
): T {
  const data = merged(defaults, overrides as Changes<typeof defaults>, where);
  return new Class({ ...data, refTime: absoluteTime(data.refTime, testTime) });
}

/**
 * Makes the tracking of a clock that follows a server: stratum 3, offset 17 µs, measured 23 s before {@link testTime}.
 *
 * @param overrides - properties of {@link TrackingStatus}; default none. A negative `refTime` is a number of
 * seconds before {@link testTime}, so the tracking of a scenario can be passed.
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 *
 * @example
 * ```js
 * import { makeTracking } from 'chrony-wasm/testing';
 *
 * const status = makeTracking({ offset: 0.25, leapStatus: 'insert second' });
 * console.log(status.isLeapPending()); // true
 * ```
 */
export function makeTracking(overrides: Overrides<TrackingStatus> = {}): TrackingStatus {
  return makeTimed(TrackingStatus, synchronizedTo(ADDRESS), overrides, 'makeTracking()');
}

/**
 * Makes a reachable server of stratum 2, which is combined with others: its state is `unselected`.
 *
 * @param overrides - properties of {@link Source}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 *
 * @example
 * ```js
 * import { makeSource } from 'chrony-wasm/testing';
 *
 * console.log(makeSource({ state: 'selected' }).isSelected()); // true
 * ```
 */
export function makeSource(overrides: Overrides<Source> = {}): Source {
  return make(Source, ntpSource(ADDRESS).source, overrides, 'makeSource()');
}

/**
 * Makes the name of the server of {@link makeSource}: `ntp1.example.net`.
 *
 * @param overrides - properties of {@link SourceName}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeSourceName(overrides: Overrides<SourceName> = {}): SourceName {
  return make(SourceName, { address: ADDRESS, name: 'ntp1.example.net' }, overrides, 'makeSourceName()');
}

/**
 * Makes the statistics of the server of {@link makeSource}: twelve samples.
 *
 * @param overrides - properties of {@link SourceStats}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeSourceStats(overrides: Overrides<SourceStats> = {}): SourceStats {
  return make(SourceStats, ntpSource(ADDRESS).stats, overrides, 'makeSourceStats()');
}

/**
 * Makes the selection data of the server of {@link makeSource}: state `combined`.
 *
 * @param overrides - properties of {@link SelectData}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeSelectData(overrides: Overrides<SelectData> = {}): SelectData {
  return make(SelectData, ntpSource(ADDRESS).select, overrides, 'makeSelectData()');
}

/**
 * Makes the activity of three sources, all online.
 *
 * @param overrides - properties of {@link Activity}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeActivity(overrides: Overrides<Activity> = {}): Activity {
  const activity = { online: 3, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 };
  return make(Activity, activity, overrides, 'makeActivity()');
}

/**
 * Makes the authentication of the server of {@link makeSource}: none.
 *
 * @param overrides - properties of {@link AuthData}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 *
 * @example
 * ```js
 * import { makeAuthData } from 'chrony-wasm/testing';
 *
 * const auth = makeAuthData({ mode: 'NTS', keyType: 'AEAD-AES-SIV-CMAC-256', cookies: 2 });
 * console.log(auth.cookies); // 2
 * ```
 */
export function makeAuthData(overrides: Overrides<AuthData> = {}): AuthData {
  const { auth } = ntpSource(ADDRESS);
  return make(AuthData, auth as DataOf<AuthData>, overrides, 'makeAuthData()');
}

/**
 * Makes the last NTP exchange with the server of {@link makeSource}: every test passed.
 *
 * @param overrides - properties of {@link NtpData}; default none. Tests that `tests` does not name have passed.
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 *
 * @example
 * ```js
 * import { makeNtpData } from 'chrony-wasm/testing';
 *
 * console.log(makeNtpData({ tests: { testD: false } }).tests.testC); // true
 * ```
 */
export function makeNtpData(overrides: Overrides<NtpData> = {}): NtpData {
  const { ntp } = ntpSource(ADDRESS);
  return makeTimed(NtpData, ntp as DataOf<NtpData>, overrides, 'makeNtpData()');
}

/**
 * Makes the statistics of a busy server of the newest version: nothing is null.
 *
 * @param overrides - properties of {@link ServerStats}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeServerStats(overrides: Overrides<ServerStats> = {}): ServerStats {
  return make(ServerStats, serverStats(), overrides, 'makeServerStats()');
}

/**
 * Makes a real-time clock that has been tracked for an hour, and was measured 74 s before {@link testTime}.
 *
 * @param overrides - properties of {@link RtcData}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeRtcData(overrides: Overrides<RtcData> = {}): RtcData {
  return makeTimed(RtcData, defaultRtc(), overrides, 'makeRtcData()');
}

/**
 * Makes the report of a server with active smoothing.
 *
 * @param overrides - properties of {@link Smoothing}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeSmoothing(overrides: Overrides<Smoothing> = {}): Smoothing {
  return make(Smoothing, defaultSmoothing(), overrides, 'makeSmoothing()');
}

/**
 * Makes a client that requests the time every 64 seconds and has never been rate-limited.
 *
 * @param overrides - properties of {@link ClientAccess}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeClientAccess(overrides: Overrides<ClientAccess> = {}): ClientAccess {
  return make(ClientAccess, client('198.51.100.20'), overrides, 'makeClientAccess()');
}

/**
 * Makes a manual sample, entered 25 hours before {@link testTime}. The clock was 1.37 seconds slow.
 *
 * @param overrides - properties of {@link ManualSample}; default none
 * @throws TypeError for a property that does not exist; ChronyDataError for a value out of range.
 */
export function makeManualSample(overrides: Overrides<ManualSample> = {}): ManualSample {
  const [first] = manualSamples() as [DataOf<ManualSample>];
  const data = merged(first, overrides, 'makeManualSample()');
  return new ManualSample({ ...data, time: absoluteTime(data.time, testTime) });
}
