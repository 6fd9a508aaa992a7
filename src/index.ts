/** chrony-wasm: chronyd's reports, read through libchrony in WebAssembly. */

export { BoundedClock, type StatusListener } from './clock/bounded-clock.ts';
export type { BoundedTime, ClockStatus } from './clock/bounded-time.ts';
export { checkHealth, type HealthOptions } from './clock/health.ts';
export { type Health, type HealthFigures, type HealthState, judgeHealth } from './clock/judgement.ts';
export type { BoundedClockOptions } from './clock/options.ts';
export type { HealthLimits, HealthThresholds } from './clock/thresholds.ts';
export { ChronyConnection } from './connection.ts';
export {
  ChronyConnectionError,
  ChronyDataError,
  ChronyError,
  type ChronyErrorOptions,
  ChronyLibraryError,
  ChronyPermissionError,
  ChronyTimeoutError,
} from './errors.ts';
export {
  getActivity,
  getAuthData,
  getNtpData,
  getRtcData,
  getSelectData,
  getServerStats,
  getSmoothing,
  getSourceStats,
  getSources,
  getTracking,
} from './one-shot.ts';
export type { CallOptions, ChronyOptions } from './options.ts';
export { type Polled, type PollOptions, pollMany } from './poll-many.ts';
export type { FieldContent, FieldType, ReportField, Timespec } from './report-field.ts';
export type { ReportValues } from './report-values.ts';
export {
  Activity,
  AuthData,
  AuthKeyType,
  AuthMode,
  type DataOf,
  LeapStatus,
  NtpData,
  NtpMode,
  type NtpTests,
  type ReportName,
  RtcData,
  SelectData,
  SelectOption,
  SelectState,
  ServerStats,
  Smoothing,
  Source,
  SourceMode,
  SourceState,
  SourceStats,
  Timestamping,
  TrackingStatus,
} from './reports/index.ts';
export type { WatchOptions } from './watch.ts';
