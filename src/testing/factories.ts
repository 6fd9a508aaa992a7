/**
 * Objects of the data classes, for tests of code that uses them: valid as they are, and what the test is
 * about is put in by name. As everywhere, a value out of range is a `ChronyDataError`.
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
import { client, defaultRtc, defaultSmoothing, manualSamples } from './presets.ts';
import { scenarios } from './scenarios.ts';
import { ntpSource } from './sources.ts';

/** What a factory may be given: any property of the class. */
export type Overrides<T> = Partial<DataOf<T>>;

/** The address of the source that the values are of. It is one for documentation. */
const ADDRESS = '192.0.2.1';

/**
 * A clock that follows a server: stratum 3, offset 17 µs, updated a minute ago.
 *
 * @example
 * ```ts
 * const status = makeTracking({ offset: 0.25, leapStatus: LeapStatus.INSERT });
 * ```
 */
export function makeTracking(overrides: Overrides<TrackingStatus> = {}): TrackingStatus {
  return new TrackingStatus({ ...scenarios.synchronised().tracking, ...overrides });
}

/** A reachable server of stratum 2, combined with others. */
export function makeSource(overrides: Overrides<Source> = {}): Source {
  return new Source({ ...ntpSource(ADDRESS).source, ...overrides });
}

/** The name of that server. */
export function makeSourceName(overrides: Overrides<SourceName> = {}): SourceName {
  return new SourceName({ address: ADDRESS, name: 'ntp1.example.net', ...overrides });
}

/** Twelve samples of that server. */
export function makeSourceStats(overrides: Overrides<SourceStats> = {}): SourceStats {
  return new SourceStats({ ...ntpSource(ADDRESS).stats, ...overrides });
}

/** Why that server is combined with others. */
export function makeSelectData(overrides: Overrides<SelectData> = {}): SelectData {
  return new SelectData({ ...ntpSource(ADDRESS).select, ...overrides });
}

/** Three sources, all online. */
export function makeActivity(overrides: Overrides<Activity> = {}): Activity {
  return new Activity({ ...scenarios.synchronised().activity, ...overrides });
}

/** That server without authentication. */
export function makeAuthData(overrides: Overrides<AuthData> = {}): AuthData {
  const { auth } = ntpSource(ADDRESS);
  return new AuthData({ ...(auth as DataOf<AuthData>), ...overrides });
}

/** The last exchange with that server: every test passed. */
export function makeNtpData(overrides: Overrides<NtpData> = {}): NtpData {
  const { ntp } = ntpSource(ADDRESS);
  return new NtpData({ ...(ntp as DataOf<NtpData>), ...overrides });
}

/** A busy server of the newest version: nothing is null. */
export function makeServerStats(overrides: Overrides<ServerStats> = {}): ServerStats {
  return new ServerStats({ ...scenarios.synchronised().serverStats, ...overrides });
}

/** A real-time clock that has been tracked for an hour. */
export function makeRtcData(overrides: Overrides<RtcData> = {}): RtcData {
  return new RtcData({ ...defaultRtc(), ...overrides });
}

/** Smoothing at work. */
export function makeSmoothing(overrides: Overrides<Smoothing> = {}): Smoothing {
  return new Smoothing({ ...defaultSmoothing(), ...overrides });
}

/** A client that asks for the time every 64 seconds, and has not been limited. */
export function makeClientAccess(overrides: Overrides<ClientAccess> = {}): ClientAccess {
  return new ClientAccess({ ...client('198.51.100.20'), ...overrides });
}

/** A time that was entered by hand yesterday: the clock was 1.37 seconds slow. */
export function makeManualSample(overrides: Overrides<ManualSample> = {}): ManualSample {
  const [first] = manualSamples();
  return new ManualSample({ ...(first as DataOf<ManualSample>), ...overrides });
}
