/** What a pretend chronyd has to say: plain data, from which every reply is made when it is asked for. */
import type {
  Activity,
  ClientAccess,
  DataOf,
  ManualSample,
  QuestionName,
  ReportName,
  RtcData,
  ServerStats,
  Smoothing,
  TrackingStatus,
} from 'chrony-wasm';
import type { Faults } from './faults.ts';
import type { MockSource } from './sources.ts';

/**
 * A pretend chronyd. The data is that of the classes that a client reads it into: the same property names,
 * units and enumerations. Only times may be relative: `refTime` and `time` below zero are so many seconds before the mock is
 * asked, so that -3600 is an hour ago.
 *
 * It is made by `scenario()`.
 */
export interface Scenario {
  /** The report `tracking`. */
  readonly tracking: DataOf<TrackingStatus>;
  /** The sources, in the order of their index. */
  readonly sources: readonly MockSource[];
  /** The report `activity`; it need not agree with the sources. */
  readonly activity: DataOf<Activity>;
  /** The report `serverstats`. What {@link serverStatsReply} has no room for is not sent. */
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
  /** The times entered by hand, at most 16. Empty for a chronyd without `manual`. */
  readonly manualSamples: readonly DataOf<ManualSample>[];
  /** The reply code of `serverstats`, the higher the newer the server. */
  readonly serverStatsReply: 14 | 22 | 24 | 25;
  /** The reply code of `ntpdata`: 26 from servers that count timestamps. */
  readonly ntpDataReply: 16 | 26;
  /** How times are sent: servers built with 32-bit times leave out the upper half. */
  readonly timeBits: 32 | 64;
  /** Reports and questions that this client may not ask for. A request that several reports need is refused only if all are. */
  readonly unauthorized: readonly (ReportName | QuestionName)[];
  /** Reports and questions that this server is too old to know. A request that several reports need is unknown only if all are. */
  readonly unknown: readonly (ReportName | QuestionName)[];
  /** What goes wrong on the way. The named scenarios have no faults, but for `silence`, `loss` and `garbage`. */
  readonly faults: Faults;
}
