/** Metrics of the survey itself: whether it got what it wanted. */

import { type Family, flag, type Sample } from './family.ts';
import { isOff, type Outcome, type Survey } from './snapshot.ts';

/** What came of each report that is not off. */
function outcomesOf({ reports }: Survey): readonly (readonly [name: string, Outcome<unknown>])[] {
  return Object.entries(reports).filter(([, { error }]) => error === null || !isOff(error));
}

function isUp(survey: Survey): boolean {
  const outcomes = outcomesOf(survey);
  // who may not even use the socket has every collector off, and knows nothing of chronyd
  return outcomes.length > 0 && outcomes.every(([, { error }]) => error === null);
}

function perCollector(survey: Survey, value: (outcome: Outcome<unknown>) => number): readonly Sample[] {
  return outcomesOf(survey).map(([collector, outcome]) => ({ labels: { collector }, value: value(outcome) }));
}

const common = { type: 'gauge', report: null } as const;

export const scrape: readonly Family[] = [
  {
    ...common,
    name: 'chrony_up',
    help: '1, or 0 if chronyd or an enabled collector failed',
    labels: [],
    samples: (survey) => [{ labels: {}, value: flag(isUp(survey)) }],
  },
  {
    ...common,
    name: 'chrony_scrape_duration_seconds',
    help: 'How long it took to ask chronyd for everything, in seconds',
    labels: [],
    samples: ({ seconds }) => [{ labels: {}, value: seconds }],
  },
  {
    ...common,
    name: 'chrony_scrape_collector_success',
    help: '1 if chronyd gave the report, 0 if that failed; absent for one that it refuses to us or does not know',
    labels: ['collector'],
    samples: (survey) => perCollector(survey, ({ error }) => flag(error === null)),
  },
  {
    ...common,
    name: 'chrony_scrape_collector_duration_seconds',
    help: 'How long it took to ask for the report, in seconds',
    labels: ['collector'],
    samples: (survey) => perCollector(survey, ({ seconds }) => seconds),
  },
];
