/** Metrics of the reports about sources: `sources`, `ntpdata`, `sourcestats`, `selectdata`, `authdata`. */
import { type AuthData, AuthMode, type NtpData, SourceState } from 'chrony-wasm';
import { ALL_ONES } from '../reports/record.ts';
import { isUnresolved, type SourceData, sourceOf } from '../reports/source-name.ts';
import { configuredNames, familiesOfEach, flag, type Labelled, type Labels, type Row } from './family.ts';
import type { Snapshot } from './snapshot.ts';

const SOURCE_LABELS = ['source_address', 'source_name'] as const;

/**
 * Labels the records of each source, the same in every report.
 *
 * The labels depend on chronyd alone, never on DNS. The name is that in chronyd's configuration, if chronyd gives it
 * and the snapshot has the report `sources`; otherwise the address. A reference clock has up to four characters
 * instead of an address, which serve as both. Clocks of the same name differ only by their order in the
 * configuration, so the second one is named `GPS#2`. Any other address that occurs twice is treated alike.
 *
 * A source whose name is not resolved has no metrics, because its ID changes with each restart of chronyd.
 */
function bySource<T extends SourceData>(records: readonly T[], snapshot: Snapshot): readonly Labelled<T>[] {
  const names = configuredNames(snapshot);
  const seen = new Map<string, number>();
  return records.flatMap((record) => {
    const address = sourceOf(record);
    if (isUnresolved(address)) return [];
    const n = (seen.get(address) ?? 0) + 1;
    seen.set(address, n);
    const name = names.get(address) ?? address;
    const labels: Labels = { source_address: address, source_name: n === 1 ? name : `${name}#${n}` };
    return [{ labels, record }];
  });
}

/** The names of the states in existing dashboards. */
const STATES: Readonly<Record<SourceState, string>> = {
  [SourceState.SELECTED]: 'sync',
  [SourceState.NONSELECTABLE]: 'unreach',
  [SourceState.FALSETICKER]: 'falseticker',
  [SourceState.JITTERY]: 'jittery',
  [SourceState.UNSELECTED]: 'candidate',
  [SourceState.SELECTABLE]: 'outlier',
};

function setBits(bits: number): number {
  return bits === 0 ? 0 : (bits & 1) + setBits(bits >> 1);
}

export const sources = familiesOfEach('sources', SOURCE_LABELS, bySource, [
  {
    name: 'sources_last_sample_age_seconds',
    help: `Time since the last good sample, in seconds; ${ALL_ONES} if there was none (chrony_sources_sampled 0)`,
    // so that an alert on the age of the last sample also fires for a source without a sample
    value: (s) => s.lastSampleAgo ?? ALL_ONES,
  },
  {
    name: 'sources_sampled',
    help: '1 if the source has had a good sample, 0 if the metrics of its last sample mean nothing',
    value: (s) => flag(s.lastSampleAgo !== null),
  },
  {
    name: 'sources_reachability_ratio',
    help: 'Ratio of the last eight polls that were answered: 0 to 1',
    value: (s) => setBits(s.reachability) / 8,
  },
  {
    name: 'sources_reachability_success',
    help: '1 if the last poll was answered, else 0',
    value: (s) => s.reachability & 1,
  },
  {
    name: 'sources_last_sample_offset_seconds',
    help: 'Offset of the last sample, adjusted for corrections since, in seconds: positive if the clock is ahead of the source; 0 without a sample',
    value: (s) => s.latestMeas,
  },
  {
    name: 'sources_last_sample_error_margin_seconds',
    help: 'Error bound of the last sample, in seconds; 0 without a sample',
    value: (s) => s.latestMeasErr,
  },
  {
    name: 'sources_polling_interval_seconds',
    help: 'Time from one poll to the next, in seconds',
    value: (s) => 2 ** s.poll,
  },
  {
    name: 'sources_stratum',
    help: "The source's own stratum; 0 for a reference clock and before the first answer",
    value: (s) => s.stratum,
  },
  {
    name: 'sources_state_info',
    help: 'State of the source (sync, unreach, falseticker, jittery, candidate or outlier), and its mode (client, peer or reference clock)',
    labels: { source_state: (s) => STATES[s.state], source_mode: (s) => s.mode },
    value: () => 1,
  },
]);

/** Defines a metric of the last packet, whose values are all 0 before the first reply. */
function ofPacket(name: string, help: string, value: (data: NtpData) => number): Row<NtpData> {
  return { name, help: `${help}; 0 before the first reply`, value };
}

export const ntpdata = familiesOfEach('ntpdata', SOURCE_LABELS, bySource, [
  ofPacket(
    'sources_peer_offset_seconds',
    "Offset measured by the last packet, in seconds, with NTP's sign: negative if the clock is ahead of the source",
    (n) => n.offset,
  ),
  ofPacket(
    'sources_peer_delay_seconds',
    'Round-trip delay of the last packet, in seconds',
    (n) => n.peerDelay,
  ),
  ofPacket(
    'sources_peer_dispersion_seconds',
    'Dispersion of the last measurement, in seconds',
    (n) => n.peerDispersion,
  ),
  ofPacket(
    'sources_peer_response_time_seconds',
    'Time that the source took to answer, in seconds',
    (n) => n.responseTime,
  ),
  ofPacket(
    'sources_peer_jitter_asymmetry_seconds',
    "Asymmetry of the network's jitter, -0.5 to 0.5 and no seconds: negative if it is larger on the way to the source",
    (n) => n.jitterAsymmetry,
  ),
]);

export const sourcestats = familiesOfEach('sourcestats', SOURCE_LABELS, bySource, [
  { name: 'sourcestats_samples', help: 'Number of samples kept', value: (s) => s.samples },
  {
    name: 'sourcestats_runs',
    help: 'Number of runs of residuals with the same sign: few runs for the number of samples mean a poor fit',
    value: (s) => s.runs,
  },
  {
    name: 'sourcestats_span_seconds',
    help: 'Time between the oldest and the newest sample, in seconds',
    value: (s) => s.span,
  },
  {
    name: 'sourcestats_stddev',
    help: 'Estimated standard deviation of the samples, in seconds',
    value: (s) => s.stdDev,
  },
  {
    name: 'sourcestats_frequency_ppms',
    help: 'Estimated residual frequency, in ppm: positive if the clock gains on the source',
    value: (s) => s.residFreq,
  },
  {
    name: 'sourcestats_frequency_skew_ppms',
    help: 'Error bound of the frequency, in ppm',
    value: (s) => s.skew,
  },
  {
    name: 'sourcestats_offset',
    help: 'Estimated offset, in seconds: positive if the clock is ahead of the source',
    value: (s) => s.offset,
  },
]);

export const selectdata = familiesOfEach('selectdata', SOURCE_LABELS, bySource, [
  {
    name: 'selectdata_state_info',
    help: "Why the source is or is not used, e.g. best, combined, 'missing samples', falseticker",
    labels: { source_state: (s) => s.state },
    value: () => 1,
  },
  {
    name: 'selectdata_score',
    help: 'Score relative to the selected source: at 10 the source is selected instead',
    value: (s) => s.score,
  },
]);

/** Defines a metric that only sources with Network Time Security have. */
function ofNts(name: string, help: string, value: (data: AuthData) => number | null): Row<AuthData> {
  return {
    name: `authdata_nts_${name}`,
    help,
    value: (data) => (data.mode === AuthMode.NTS ? value(data) : null),
  };
}

export const authdata = familiesOfEach('authdata', SOURCE_LABELS, bySource, [
  ofNts('cookies', 'NTS cookies available: fewer than 8 indicate a problem', (a) => a.cookies),
  ofNts('nak', '1 if the last request was answered with an NTS NAK, else 0', (a) => flag(a.nak)),
  ofNts(
    'last_key_exchange_age_seconds',
    'Time since the last NTS key exchange that succeeded, in seconds; absent if none did',
    (a) => a.lastKeAgo,
  ),
]);
