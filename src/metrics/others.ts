/** Metrics of the reports `activity`, `smoothing` and `rtcdata`. */
import { familiesOf, flag } from './family.ts';

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

export const smoothing = familiesOf('smoothing', [
  { name: 'smoothing_active', help: '1 if smoothing has begun, else 0', value: (s) => flag(s.active) },
  {
    name: 'smoothing_leap_only',
    help: '1 if only leap seconds are smoothed, else 0',
    value: (s) => flag(s.leapOnly),
  },
  {
    name: 'smoothing_offset_seconds',
    help: 'What is added to the served time, in seconds: positive if clients get a time ahead of true time',
    value: (s) => s.offset,
  },
  {
    name: 'smoothing_frequency_ppms',
    help: 'Frequency offset of the served time, in ppm: negative if it runs slower than true time',
    value: (s) => s.frequency,
  },
  {
    name: 'smoothing_wander_ppms',
    help: 'How that frequency changes each second, in ppm: negative if the served time is slowing down',
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
    help: 'When the real-time clock was last measured, in seconds since the epoch',
    value: (r) => r.refTime,
  },
  { name: 'rtcdata_samples', help: 'How many measurements are kept', value: (r) => r.samples },
  {
    name: 'rtcdata_runs',
    help: 'How many runs of residuals have the same sign: few of them for the samples means a poor fit',
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
