/** Metrics of the report `sourcestats`. */
import { familiesOfEach } from './family.ts';
import { bySource, SOURCE_LABELS } from './source-labels.ts';

export const sourcestats = familiesOfEach(
  'sourcestats',
  SOURCE_LABELS,
  (records) => bySource(records, ({ address }) => address),
  [
    { name: 'sourcestats_samples', help: 'How many samples are kept', value: (s) => s.samples },
    {
      name: 'sourcestats_runs',
      help: 'How many runs of residuals have the same sign: few of them for the samples means a poor fit',
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
  ],
);
