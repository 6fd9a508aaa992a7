/** For each metric, the column of chronyc with the same value; written by hand from chronyc's manual, not from the code. */

/** Converts the text of a column to the value of the metric. Default: the text as a number. */
type Reading = (text: string) => number;

export interface Printed {
  readonly name: string;
  /** The chronyc command with its options. */
  readonly command: string;
  /** The index of the column, from 0. */
  readonly column: number;
  readonly read?: Reading;
  /** The index of the column of the source, if the metric is per source. */
  readonly source?: number;
}

function one(
  command: string,
  columns: Readonly<Record<string, number | readonly [number, Reading]>>,
): Printed[] {
  return Object.entries(columns).map(([name, at]) => {
    const [column, read] = typeof at === 'number' ? [at] : at;
    return { name: `chrony_${name}`, command, column, ...(read && { read }) };
  });
}

function each(
  source: number,
  command: string,
  columns: Readonly<Record<string, number | readonly [number, Reading]>>,
): Printed[] {
  return one(command, columns).map((printed) => ({ ...printed, source }));
}

const yes: Reading = (text) => Number(text !== '' && text !== 'No');
const octal: Reading = (text) => Number.parseInt(text, 8);
const LEAPS = ['Normal', 'Insert second', 'Delete second', 'Not synchronised'];

export const PRINTED: readonly Printed[] = [
  ...one('tracking', {
    tracking_stratum: 2,
    tracking_reference_timestamp_seconds: 3,
    tracking_system_time_seconds: 4,
    tracking_last_offset_seconds: 5,
    tracking_rms_offset_seconds: 6,
    tracking_frequency_ppms: 7,
    tracking_residual_frequency_ppms: 8,
    tracking_skew_ppms: 9,
    tracking_root_delay_seconds: 10,
    tracking_root_dispersion_seconds: 11,
    tracking_update_interval_seconds: 12,
    tracking_leap_status: [13, (text) => LEAPS.indexOf(text)],
  }),
  ...each(2, 'sources -a', {
    sources_stratum: 3,
    sources_polling_interval_seconds: [4, (text) => 2 ** Number(text)],
    sources_reachability_ratio: [5, (text) => octal(text).toString(2).replaceAll('0', '').length / 8],
    sources_reachability_success: [5, (text) => octal(text) % 2],
    sources_last_sample_age_seconds: 6,
    sources_last_sample_offset_seconds: 7,
    sources_last_sample_error_margin_seconds: 9,
  }),
  ...each(0, 'ntpdata', {
    sources_peer_offset_seconds: 18,
    sources_peer_delay_seconds: 19,
    sources_peer_dispersion_seconds: 20,
    sources_peer_response_time_seconds: 21,
    sources_peer_jitter_asymmetry_seconds: 22,
  }),
  ...each(0, 'sourcestats -a', {
    sourcestats_samples: 1,
    sourcestats_runs: 2,
    sourcestats_span_seconds: 3,
    sourcestats_frequency_ppms: 4,
    sourcestats_frequency_skew_ppms: 5,
    sourcestats_offset: 6,
    sourcestats_stddev: 7,
  }),
  ...each(1, 'selectdata -a', { selectdata_score: 14 }),
  ...each(0, 'authdata -a', {
    authdata_nts_last_key_exchange_age_seconds: 5,
    authdata_nts_nak: 7,
    authdata_nts_cookies: 8,
  }),
  ...one('activity', {
    activity_online_sources: 0,
    activity_offline_sources: 1,
    activity_burst_online_sources: 2,
    activity_burst_offline_sources: 3,
    activity_unresolved_sources: 4,
  }),
  ...one('serverstats', {
    serverstats_ntp_packets_received_total: 0,
    serverstats_ntp_packets_dropped_total: 1,
    serverstats_command_packets_received_total: 2,
    serverstats_command_packets_dropped_total: 3,
    serverstats_client_log_records_dropped_total: 4,
    serverstats_nts_ke_connections_accepted_total: 5,
    serverstats_nts_ke_connections_dropped_total: 6,
    serverstats_authenticated_ntp_packets_total: 7,
    serverstats_interleaved_ntp_packets_total: 8,
    serverstats_ntp_timestamps_held: 9,
    serverstats_ntp_timestamp_span_seconds: 10,
  }),
  ...one('smoothing', {
    smoothing_active: [0, yes],
    smoothing_leap_only: [1, yes],
    smoothing_offset_seconds: 2,
    smoothing_frequency_ppms: 3,
    smoothing_wander_ppms: 4,
    smoothing_last_update_age_seconds: 5,
    smoothing_remaining_time_seconds: 6,
  }),
];
