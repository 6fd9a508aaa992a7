/** Metrics of the clock and the server: `tracking`, `activity`, `serverstats`, `smoothing`, `rtcdata`. */
import { LeapStatus, type ServerStats, type TrackingStatus } from 'chrony-wasm';
import { DEFAULT_MAX_DRIFT_PPM } from '../clock/max-clock-error.ts';
import { followsSource } from '../reports/tracking.ts';
import { configuredNames, familiesOf, flag, type Row } from './family.ts';
import type { Snapshot } from './snapshot.ts';

/** chronyd's address for its own clock, if it reports one. */
const LOCAL_ADDRESS = '127.127.1.1';

/** The values in NTP packets. */
const LEAPS: Readonly<Record<LeapStatus, number>> = {
  [LeapStatus.NORMAL]: 0,
  [LeapStatus.INSERT]: 1,
  [LeapStatus.DELETE]: 2,
  [LeapStatus.UNSYNC]: 3,
};

function hex({ referenceId }: TrackingStatus): string {
  return referenceId.toString(16).toUpperCase().padStart(8, '0');
}

/** The source's address, a reference clock's characters, or the reference ID in hexadecimal; empty for none. */
function addressOf(tracking: TrackingStatus): string {
  const { referenceIp, referenceIdName } = tracking;
  return referenceIp ?? (referenceIdName.length <= 4 ? referenceIdName : hex(tracking));
}

/** The source's name in chronyd's configuration, if chronyd gives it; otherwise its address. */
function nameOf(tracking: TrackingStatus, snapshot: Snapshot): string {
  const address = addressOf(tracking);
  return configuredNames(snapshot).get(address) ?? address;
}

export const tracking = familiesOf('tracking', [
  {
    name: 'tracking_info',
    help: 'Reference of the clock: address (for a reference clock: the reference ID as text), name, and reference ID in hexadecimal',
    labels: { tracking_address: addressOf, tracking_name: nameOf, tracking_refid: hex },
    value: () => 1,
  },
  {
    name: 'tracking_last_offset_seconds',
    help: 'Offset estimated at the last clock update, in seconds: positive if the clock was ahead of its sources',
    value: (t) => t.lastOffset,
  },
  {
    name: 'tracking_reference_timestamp_seconds',
    help: 'Time when the last measurement was processed, in seconds since the epoch; 0 if there was none',
    value: (t) => t.refTime,
  },
  {
    name: 'tracking_system_time_seconds',
    help: 'Remaining correction, in seconds: positive if the clock is behind true time',
    value: (t) => t.offset,
  },
  {
    name: 'tracking_remote_reference',
    help: `0 if the address of the reference is ${LOCAL_ADDRESS}, else 1; see chrony_clock_synchronized`,
    value: (t) => flag(t.referenceIp !== LOCAL_ADDRESS),
  },
  {
    name: 'tracking_rms_offset_seconds',
    help: 'Long-term average of the offset, in seconds',
    value: (t) => t.rmsOffset,
  },
  {
    name: 'tracking_root_delay_seconds',
    help: 'Round-trip delay to the reference clock at stratum 1, in seconds',
    value: (t) => t.rootDelay,
  },
  {
    name: 'tracking_root_dispersion_seconds',
    help: 'Dispersion accumulated from the reference clock at stratum 1, in seconds',
    value: (t) => t.rootDispersion,
  },
  {
    name: 'tracking_frequency_ppms',
    help: 'Rate at which the uncorrected clock would gain, in ppm: positive if it runs fast',
    value: (t) => t.frequency,
  },
  {
    name: 'tracking_residual_frequency_ppms',
    help: 'Difference between the frequency of the source and the frequency in use, in ppm',
    value: (t) => t.residualFreq,
  },
  {
    name: 'tracking_skew_ppms',
    help: 'Error bound of the frequency, in ppm',
    value: (t) => t.skew,
  },
  {
    name: 'tracking_update_interval_seconds',
    help: 'Time between the last two clock updates, in seconds',
    value: (t) => t.updateInterval,
  },
  {
    name: 'tracking_stratum',
    help: 'Hops to a reference clock: 1 to 15; 0 or 16 while not synchronized',
    value: (t) => t.stratum,
  },
  {
    name: 'tracking_leap_status',
    help: '0 normal, 1 a second will be inserted, 2 a second will be deleted, 3 not synchronized',
    value: (t) => LEAPS[t.leapStatus],
  },
  {
    name: 'clock_error_bound_seconds',
    help: 'Error bound of the clock, in seconds: |correction| + root dispersion + root delay / 2 + drift of 50 ppm since the last measurement, minus the drift that chronyd allows for; absent if unknown',
    value: (t, { time, maxClockError }) =>
      followsSource(t)
        ? t.maxError({
            maxDriftPpm: DEFAULT_MAX_DRIFT_PPM,
            maxClockErrorPpm: maxClockError.leastPpm,
            time,
          })
        : null,
  },
  {
    name: 'clock_synchronized',
    help: '1 if the clock follows a source; 0 if it is not synchronized, and in local mode',
    value: (t) => flag(followsSource(t)),
  },
]);

export const activity = familiesOf('activity', [
  { name: 'activity_online_sources', help: 'NTP sources that are polled', value: (a) => a.online },
  { name: 'activity_offline_sources', help: 'NTP sources that are not polled', value: (a) => a.offline },
  {
    name: 'activity_burst_online_sources',
    help: 'NTP sources in a burst of polls, after which they are online',
    value: (a) => a.burstOnline,
  },
  {
    name: 'activity_burst_offline_sources',
    help: 'NTP sources in a burst of polls, after which they are offline',
    value: (a) => a.burstOffline,
  },
  {
    name: 'activity_unresolved_sources',
    help: 'NTP sources whose name is not resolved to an address',
    value: (a) => a.unresolved,
  },
]);

function counter(name: string, help: string, value: (stats: ServerStats) => number | null): Row<ServerStats> {
  return { name: `serverstats_${name}_total`, help, type: 'counter', value };
}

export const serverstats = familiesOf('serverstats', [
  counter('ntp_packets_received', 'NTP requests received', (s) => s.ntpReceived),
  counter('ntp_packets_dropped', 'NTP requests dropped by the rate limit', (s) => s.ntpDropped),
  counter('command_packets_received', 'Monitoring and control requests received', (s) => s.commandReceived),
  counter(
    'command_packets_dropped',
    'Monitoring and control requests dropped by the rate limit',
    (s) => s.commandDropped,
  ),
  counter(
    'client_log_records_dropped',
    'Records of clients dropped to limit the memory',
    (s) => s.logDropped,
  ),
  counter('nts_ke_connections_accepted', 'NTS key establishments accepted', (s) => s.ntsKeAccepted),
  counter(
    'nts_ke_connections_dropped',
    'NTS key establishments dropped by the rate limit',
    (s) => s.ntsKeDropped,
  ),
  counter(
    'authenticated_ntp_packets',
    'NTP requests that were authenticated, with a key or NTS',
    (s) => s.ntpAuthenticated,
  ),
  counter('interleaved_ntp_packets', 'NTP requests in the interleaved mode', (s) => s.ntpInterleaved),
  counter('ntp_daemon_rx_timestamps', 'Answers with a receive timestamp taken by chronyd', (s) => s.daemonRx),
  counter(
    'ntp_daemon_tx_timestamps',
    'Answers with a transmit timestamp taken by chronyd',
    (s) => s.daemonTx,
  ),
  counter(
    'ntp_kernel_rx_timestamps',
    'Answers with a receive timestamp taken by the kernel',
    (s) => s.kernelRx,
  ),
  counter(
    'ntp_kernel_tx_timestamps',
    'Answers with a transmit timestamp taken by the kernel',
    (s) => s.kernelTx,
  ),
  counter(
    'ntp_hw_rx_timestamps',
    'Answers with a receive timestamp taken by the network card',
    (s) => s.hardwareRx,
  ),
  counter(
    'ntp_hw_tx_timestamps',
    'Answers with a transmit timestamp taken by the network card',
    (s) => s.hardwareTx,
  ),
  {
    name: 'serverstats_ntp_timestamps_held',
    help: 'Pairs of timestamps in memory for clients in the interleaved mode',
    value: (s) => s.timestampsHeld,
  },
  {
    name: 'serverstats_ntp_timestamp_span_seconds',
    help: 'Time span of the receive and transmit timestamps kept for interleaved clients, in seconds',
    value: (s) => s.timestampSpan,
  },
]);

export const smoothing = familiesOf('smoothing', [
  { name: 'smoothing_active', help: '1 if smoothing has begun, else 0', value: (s) => flag(s.active) },
  {
    name: 'smoothing_leap_only',
    help: '1 if only leap seconds are smoothed, else 0',
    value: (s) => flag(s.leapOnly),
  },
  {
    name: 'smoothing_offset_seconds',
    help: 'Offset added to the served time, in seconds: positive if clients get a time ahead of true time',
    value: (s) => s.offset,
  },
  {
    name: 'smoothing_frequency_ppms',
    help: 'Frequency offset of the served time, in ppm: negative if it runs slower than true time',
    value: (s) => s.frequency,
  },
  {
    name: 'smoothing_wander_ppms',
    help: 'Change per second of the frequency offset of the served time, in ppm: negative if the served time is slowing down',
    value: (s) => s.wander,
  },
  {
    name: 'smoothing_last_update_age_seconds',
    help: 'Time since the smoothing was last updated, in seconds',
    value: (s) => s.lastUpdateAgo,
  },
  {
    name: 'smoothing_remaining_time_seconds',
    help: 'Time until the offset is gone if there is no other update, in seconds',
    value: (s) => s.remainingTime,
  },
]);

export const rtcdata = familiesOf('rtcdata', [
  {
    name: 'rtcdata_reference_timestamp_seconds',
    help: 'Time of the last measurement of the real-time clock, in seconds since the epoch',
    value: (r) => r.refTime,
  },
  { name: 'rtcdata_samples', help: 'Number of measurements kept', value: (r) => r.samples },
  {
    name: 'rtcdata_runs',
    help: 'Number of runs of residuals with the same sign: few runs for the number of samples mean a poor fit',
    value: (r) => r.runs,
  },
  {
    name: 'rtcdata_span_seconds',
    help: 'Time between the oldest and the newest measurement, in seconds',
    value: (r) => r.span,
  },
  {
    name: 'rtcdata_offset_seconds',
    help: 'Estimated offset, in seconds: positive if the real-time clock is fast',
    value: (r) => r.offset,
  },
  {
    name: 'rtcdata_frequency_ppms',
    help: 'Estimated rate, in ppm: positive if the real-time clock gains time',
    value: (r) => r.freqOffset,
  },
]);
