/** The name, type and labels of each metric. Dashboards and alerts depend on them; a change here breaks them. */
import { expect, it } from 'vitest';
import { Collector } from '../../../src/metrics/collector.ts';
import { families, histograms } from '../../../src/metrics/families.ts';
import { expositionOf } from '../../../src/metrics/text.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { parseExposition } from '../../support/exposition.ts';

const SOURCE = ['source_address', 'source_name'];

/** The metrics of chrony_exporter. */
const CHRONY_EXPORTER: Readonly<Record<string, readonly string[]>> = {
  'gauge chrony_up': [],
  'gauge chrony_tracking_info': ['tracking_address', 'tracking_name', 'tracking_refid'],
  'gauge chrony_tracking_last_offset_seconds': [],
  'gauge chrony_tracking_reference_timestamp_seconds': [],
  'gauge chrony_tracking_system_time_seconds': [],
  'gauge chrony_tracking_remote_reference': [],
  'gauge chrony_tracking_rms_offset_seconds': [],
  'gauge chrony_tracking_root_delay_seconds': [],
  'gauge chrony_tracking_root_dispersion_seconds': [],
  'gauge chrony_tracking_frequency_ppms': [],
  'gauge chrony_tracking_residual_frequency_ppms': [],
  'gauge chrony_tracking_skew_ppms': [],
  'gauge chrony_tracking_update_interval_seconds': [],
  'gauge chrony_tracking_stratum': [],
  'gauge chrony_sources_last_sample_age_seconds': SOURCE,
  'gauge chrony_sources_reachability_ratio': SOURCE,
  'gauge chrony_sources_reachability_success': SOURCE,
  'gauge chrony_sources_last_sample_offset_seconds': SOURCE,
  'gauge chrony_sources_last_sample_error_margin_seconds': SOURCE,
  'gauge chrony_sources_polling_interval_seconds': SOURCE,
  'gauge chrony_sources_stratum': SOURCE,
  'gauge chrony_sources_state_info': [...SOURCE, 'source_state', 'source_mode'],
  'gauge chrony_sources_peer_offset_seconds': SOURCE,
  'gauge chrony_sources_peer_delay_seconds': SOURCE,
  'gauge chrony_sources_peer_dispersion_seconds': SOURCE,
  'gauge chrony_sources_peer_response_time_seconds': SOURCE,
  'gauge chrony_sources_peer_jitter_asymmetry_seconds': SOURCE,
  'gauge chrony_sourcestats_samples': SOURCE,
  'gauge chrony_sourcestats_runs': SOURCE,
  'gauge chrony_sourcestats_span_seconds': SOURCE,
  'gauge chrony_sourcestats_stddev': SOURCE,
  'gauge chrony_sourcestats_frequency_ppms': SOURCE,
  'gauge chrony_sourcestats_frequency_skew_ppms': SOURCE,
  'gauge chrony_sourcestats_offset': SOURCE,
  'counter chrony_serverstats_ntp_packets_received_total': [],
  'counter chrony_serverstats_ntp_packets_dropped_total': [],
  'counter chrony_serverstats_command_packets_received_total': [],
  'counter chrony_serverstats_command_packets_dropped_total': [],
  'counter chrony_serverstats_client_log_records_dropped_total': [],
  'counter chrony_serverstats_nts_ke_connections_accepted_total': [],
  'counter chrony_serverstats_nts_ke_connections_dropped_total': [],
  'counter chrony_serverstats_authenticated_ntp_packets_total': [],
  'counter chrony_serverstats_interleaved_ntp_packets_total': [],
  'counter chrony_serverstats_ntp_daemon_rx_timestamps_total': [],
  'counter chrony_serverstats_ntp_daemon_tx_timestamps_total': [],
  'counter chrony_serverstats_ntp_kernel_rx_timestamps_total': [],
  'counter chrony_serverstats_ntp_kernel_tx_timestamps_total': [],
  'counter chrony_serverstats_ntp_hw_rx_timestamps_total': [],
  'counter chrony_serverstats_ntp_hw_tx_timestamps_total': [],
  'gauge chrony_serverstats_ntp_timestamps_held': [],
  'gauge chrony_serverstats_ntp_timestamp_span_seconds': [],
};

/** The additional metrics of chrony-wasm. */
const ADDITIONAL: Readonly<Record<string, readonly string[]>> = {
  'gauge chrony_tracking_leap_status': [],
  'gauge chrony_sources_sampled': SOURCE,
  'gauge chrony_clock_error_bound_seconds': [],
  'gauge chrony_clock_synchronized': [],
  'gauge chrony_activity_online_sources': [],
  'gauge chrony_activity_offline_sources': [],
  'gauge chrony_activity_burst_online_sources': [],
  'gauge chrony_activity_burst_offline_sources': [],
  'gauge chrony_activity_unresolved_sources': [],
  'gauge chrony_selectdata_state_info': [...SOURCE, 'source_state'],
  'gauge chrony_selectdata_score': SOURCE,
  'gauge chrony_authdata_nts_cookies': SOURCE,
  'gauge chrony_authdata_nts_nak': SOURCE,
  'gauge chrony_authdata_nts_last_key_exchange_age_seconds': SOURCE,
  'gauge chrony_smoothing_active': [],
  'gauge chrony_smoothing_leap_only': [],
  'gauge chrony_smoothing_offset_seconds': [],
  'gauge chrony_smoothing_frequency_ppms': [],
  'gauge chrony_smoothing_wander_ppms': [],
  'gauge chrony_smoothing_last_update_age_seconds': [],
  'gauge chrony_smoothing_remaining_time_seconds': [],
  'gauge chrony_rtcdata_reference_timestamp_seconds': [],
  'gauge chrony_rtcdata_samples': [],
  'gauge chrony_rtcdata_runs': [],
  'gauge chrony_rtcdata_span_seconds': [],
  'gauge chrony_rtcdata_offset_seconds': [],
  'gauge chrony_rtcdata_frequency_ppms': [],
  'gauge chrony_scrape_duration_seconds': [],
  'gauge chrony_scrape_collector_success': ['collector'],
  'gauge chrony_scrape_collector_duration_seconds': ['collector'],
};

/** The client metrics of chrony_exporter, which are off by default. */
const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  'gauge chrony_clients_connected': ['protocol'],
  'histogram chrony_clients_last_ntp_hit_ago_seconds': [],
  'histogram chrony_clients_ntp_interval_seconds': [],
  'histogram chrony_clients_ntp_drops': [],
};

it('the table contains exactly these metrics', () => {
  const table = [
    ...families.map(({ type, name, labels }) => [`${type} ${name}`, labels]),
    ...histograms.map(({ name }) => [`histogram ${name}`, []]),
  ];
  expect(Object.fromEntries(table)).toEqual({ ...CHRONY_EXPORTER, ...ADDITIONAL, ...CLIENTS });
  expect(new Set([...families, ...histograms].map(({ name }) => name)).size).toBe(table.length);
});

it('all metrics except the client metrics are exposed if chronyd gives all reports', async () => {
  await using mock = await startMockChronyd('nts');
  await using collector = new Collector({ address: mock.address });
  const { body } = expositionOf(await collector.take());
  const { types, series } = parseExposition(body);
  const labels = new Map(series.map(({ name, labels }) => [name, Object.keys(labels)]));
  const exposed = Array.from(types, ([name, type]) => [`${type} ${name}`, labels.get(name)]);
  expect(Object.fromEntries(exposed)).toEqual({ ...CHRONY_EXPORTER, ...ADDITIONAL });
});

it('client metrics are exposed only on request, without a label per client', async () => {
  await using mock = await startMockChronyd('synchronized');
  await using collector = new Collector({ address: mock.address, reports: ['clients'] });
  const { body } = expositionOf(await collector.take());
  const { types, series } = parseExposition(body);
  const exposed = Array.from(types, ([name, type]) => `${type} ${name}`).filter((name) =>
    /clients/.test(name),
  );
  expect(exposed.toSorted()).toEqual(Object.keys(CLIENTS).toSorted());
  const labels = series
    .filter(({ name }) => name.startsWith('chrony_clients_'))
    .map(({ labels }) => Object.keys(labels));
  expect(new Set(labels.flat())).toEqual(new Set(['protocol', 'le']));
  // one request per batch of eight of the 16 clients, and no reset of the counters
  expect(mock.requests.map(({ code }) => code)).toEqual([68, 68]);
  expect(mock.requests.map(({ datagram }) => Buffer.from(datagram).readUInt32BE(32))).toEqual([0, 0]);
});
