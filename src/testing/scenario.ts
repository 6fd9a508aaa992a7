/** The data of a mock chronyd: plain objects, from which every reply is encoded when it is requested. */
import type {
  Activity,
  ClientAccess,
  DataOf,
  ExtensionReportName,
  ManualSample,
  ReportName,
  RtcData,
  ServerStats,
  Smoothing,
  TrackingStatus,
} from 'chrony-wasm';
import type { Faults } from './faults.ts';
import type { MockSource } from './sources.ts';

/**
 * The state of a mock chronyd. The data has the property names, units and enumerations of the classes that a client
 * returns. Only times may be relative: a negative `refTime` or `time` is a number of seconds before the request, so
 * that -3600 is an hour ago.
 *
 * Make one with `scenario()`.
 */
export interface Scenario {
  /** The report `tracking`. */
  readonly tracking: DataOf<TrackingStatus>;
  /** The sources, in the order of their index. */
  readonly sources: readonly MockSource[];
  /** The report `activity`; it need not agree with the sources. */
  readonly activity: DataOf<Activity>;
  /** The report `serverstats`. Counters that the layout {@link serverStatsReply} does not have are not sent. */
  readonly serverStats: DataOf<ServerStats>;
  /** The report `rtcdata`; null for a chronyd that tracks no real-time clock. */
  readonly rtc: DataOf<RtcData> | null;
  /** The report `smoothing`; null for a chronyd without smoothing. */
  readonly smoothing: DataOf<Smoothing> | null;
  /**
   * The clients of this server, in the order of its table, without gaps; null for a chronyd that keeps none (`noclientlog`).
   * They need not agree with {@link serverStats}.
   */
  readonly clients: readonly DataOf<ClientAccess>[] | null;
  /** The manual samples, at most 16. Empty for a chronyd without `manual`. */
  readonly manualSamples: readonly DataOf<ManualSample>[];
  /** The reply code of `serverstats`. Newer servers use higher codes. */
  readonly serverStatsReply: 14 | 22 | 24 | 25;
  /** The reply code of `ntpdata`. Servers that count timestamps use 26. */
  readonly ntpDataReply: 16 | 26;
  /** The size of times. Servers built with 32-bit times do not send the upper half. */
  readonly timeBits: 32 | 64;
  /**
   * Reports, among them extension reports, that the client may not request. A request that several reports need is
   * refused only if all of them are listed.
   */
  readonly unauthorized: readonly (ReportName | ExtensionReportName)[];
  /**
   * Reports, among them extension reports, that the server is too old to know. A request that several reports need is
   * unknown only if all of them are listed.
   */
  readonly unknown: readonly (ReportName | ExtensionReportName)[];
  /** Network faults. Of the named scenarios, only `silence`, `loss` and `garbage` have any. */
  readonly faults: Faults;
}
