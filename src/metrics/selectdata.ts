/** Metrics of the report `selectdata`. */
import { familiesOfEach } from './family.ts';
import { bySource, SOURCE_LABELS } from './source-labels.ts';

export const selectdata = familiesOfEach(
  'selectdata',
  SOURCE_LABELS,
  (records) => bySource(records, ({ address }) => address),
  [
    {
      name: 'selectdata_state_info',
      help: "Why the source is or is not used, e.g. best, combined, 'missing samples', falseticker",
      labels: { source_state: (s) => s.state },
      value: () => 1,
    },
    {
      name: 'selectdata_score',
      help: 'How much better than the selected source it has proved: it takes its place at 10',
      value: (s) => s.score,
    },
  ],
);
