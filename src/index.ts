/** chrony-wasm: reads chronyd's reports with libchrony in WebAssembly. */

export {
  ChronyConnection,
  getActivity,
  getAuthData,
  getClients,
  getManualList,
  getNtpData,
  getRtcData,
  getSelectData,
  getServerStats,
  getSmoothing,
  getSourceNames,
  getSourceStats,
  getSources,
  getTracking,
} from './client/connection.ts';
export type { CallOptions, ChronyOptions, ClientsOptions, SourcesOptions } from './client/options.ts';
export { type PollOptions, pollMany } from './client/poll-many.ts';
export type { ReportOutcome, ReportOutcomes, ReportValues } from './client/report-values.ts';
export type { WatchTargets } from './client/rounds.ts';
export type { RequestTrace } from './client/tracing.ts';
export type { PollResult } from './client/turns.ts';
export type { WatchOptions } from './client/watch.ts';
export { type WatchManyOptions, watchMany } from './client/watch-many.ts';
export {
  BoundedClock,
  type BoundedClockOptions,
  type ClockSynchronizedOptions,
  type StatusListener,
} from './clock/bounded-clock.ts';
export type { BoundedTime, BoundedTimeJson, ClockStatus } from './clock/bounded-time.ts';
export { type SynchronizedOptions, waitUntilSynchronized } from './clock/synchronized.ts';
export {
  ChronyConnectionError,
  ChronyDataError,
  ChronyError,
  type ChronyErrorOptions,
  ChronyLibraryError,
  ChronyPermissionError,
  ChronyTimeoutError,
} from './errors.ts';
export { checkHealth, type HealthOptions } from './health/health.ts';
export {
  type Health,
  type HealthContext,
  type HealthFigures,
  type HealthState,
  judgeHealth,
} from './health/judgement.ts';
export type { HealthLimits, HealthThresholds } from './health/thresholds.ts';
export {
  Activity,
  AuthData,
  AuthKeyType,
  AuthMode,
  ClientAccess,
  type DataOf,
  type ExtensionReportName,
  LeapStatus,
  ManualSample,
  type MaxErrorOptions,
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
  SourceName,
  SourceState,
  SourceStats,
  Timestamping,
  TrackingStatus,
} from './reports/index.ts';
export type { FieldContent, FieldType, ReportField, Timespec } from './reports/report-field.ts';
export type { AbortSignalLike } from './util/abort.ts';
