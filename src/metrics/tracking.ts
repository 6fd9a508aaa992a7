/** Metrics of the report `tracking`. */

import { LeapStatus, type TrackingStatus } from 'chrony-wasm';
import { isLocal } from '../reports/local.ts';
import { familiesOf, flag } from './family.ts';

/** By which chronyd says that the reference is the clock itself, where it says so by an address. */
const LOCAL_ADDRESS = '127.127.1.1';

/** As in NTP's packets. */
const LEAPS: Readonly<Record<LeapStatus, number>> = {
  [LeapStatus.NORMAL]: 0,
  [LeapStatus.INSERT]: 1,
  [LeapStatus.DELETE]: 2,
  [LeapStatus.UNSYNC]: 3,
};

function hex({ referenceId }: TrackingStatus): string {
  return referenceId.toString(16).toUpperCase().padStart(8, '0');
}

/** An address, a reference clock's four characters, or the reference ID as it is. */
function nameOf(tracking: TrackingStatus): string {
  const { referenceIp, referenceIdName } = tracking;
  if (referenceIp !== null || referenceIdName.length <= 4) return referenceIdName;
  return hex(tracking);
}

function followsOther(tracking: TrackingStatus): boolean {
  return tracking.isSynchronized() && !isLocal(tracking);
}

export const tracking = familiesOf('tracking', [
  {
    name: 'tracking_info',
    help: 'What the clock follows: its address if it has one, its name, and the reference ID in hexadecimal',
    labels: { tracking_address: (t) => t.referenceIp ?? '', tracking_name: nameOf, tracking_refid: hex },
    value: () => 1,
  },
  {
    name: 'tracking_last_offset_seconds',
    help: 'Offset estimated at the last clock update, in seconds: positive if the clock was ahead of its sources',
    value: (t) => t.lastOffset,
  },
  {
    name: 'tracking_reference_timestamp_seconds',
    help: 'When the last measurement was processed, in seconds since the epoch; 0 if none was',
    value: (t) => t.refTime,
  },
  {
    name: 'tracking_system_time_seconds',
    help: 'What is still to be corrected, in seconds: positive if the clock is slow of true time',
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
    help: 'How far the frequency of the source is from the one in use, in ppm',
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
    help: 'Hops to a reference clock: 1 to 15; 0 or 16 while not synchronised',
    value: (t) => t.stratum,
  },
  {
    name: 'tracking_leap_status',
    help: '0 normal, 1 a second will be inserted, 2 a second will be deleted, 3 not synchronised',
    value: (t) => LEAPS[t.leapStatus],
  },
  {
    name: 'clock_error_bound_seconds',
    help: 'How far the clock may be from true time, in seconds: |correction| + root dispersion + root delay / 2; absent while nobody knows',
    value: (t) => (followsOther(t) ? t.maxError() : null),
  },
  {
    name: 'clock_synchronized',
    help: '1 if the clock follows a source; 0 if it is not synchronised, and in local mode',
    value: (t) => flag(followsOther(t)),
  },
]);
