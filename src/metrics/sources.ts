/** Metrics of the report `sources`. */
import { type Source, SourceState } from 'chrony-wasm';
import { familiesOfEach } from './family.ts';
import { bySource, SOURCE_LABELS } from './source-labels.ts';

/** The names that dashboards know. */
const STATES: Readonly<Record<SourceState, string>> = {
  [SourceState.SELECTED]: 'sync',
  [SourceState.NONSELECTABLE]: 'unreach',
  [SourceState.FALSETICKER]: 'falseticker',
  [SourceState.JITTERY]: 'jittery',
  [SourceState.UNSELECTED]: 'candidate',
  [SourceState.SELECTABLE]: 'outlier',
};

/** What chronyd fills in where there never was a sample means nothing. */
function ifSampled(value: (source: Source) => number): (source: Source) => number | null {
  return (source) => (source.lastSampleAgo === null ? null : value(source));
}

function setBits(bits: number): number {
  return bits === 0 ? 0 : (bits & 1) + setBits(bits >> 1);
}

export const sources = familiesOfEach(
  'sources',
  SOURCE_LABELS,
  (records) => bySource(records, ({ address }) => address),
  [
    {
      name: 'sources_last_sample_age_seconds',
      help: 'Time since the last good sample, in seconds; absent if there was none',
      value: (s) => s.lastSampleAgo,
    },
    {
      name: 'sources_reachability_ratio',
      help: 'How many of the last eight polls were answered: 0 to 1',
      value: (s) => setBits(s.reachability) / 8,
    },
    {
      name: 'sources_reachability_success',
      help: '1 if the last poll was answered, else 0',
      value: (s) => s.reachability & 1,
    },
    {
      name: 'sources_last_sample_offset_seconds',
      help: 'Offset of the last sample, adjusted for corrections since, in seconds: positive if the clock is ahead of the source',
      value: ifSampled((s) => s.latestMeas),
    },
    {
      name: 'sources_last_sample_error_margin_seconds',
      help: 'Error bound of the last sample, in seconds',
      value: ifSampled((s) => s.latestMeasErr),
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
      help: 'What chronyd makes of the source (sync, unreach, falseticker, jittery, candidate or outlier), and its kind (client, peer or reference clock)',
      labels: { source_state: (s) => STATES[s.state], source_mode: (s) => s.mode },
      value: () => 1,
    },
  ],
);
