/** What an expert looks at first, in a few figures. */
import type { HealthFigures } from '../../health/judgement.ts';
import type { DataOf } from '../../reports/record.ts';
import type { TrackingStatus } from '../../reports/tracking.ts';
import type { Update } from '../../server/messages.ts';
import { leapWords } from '../fields/field.ts';
import { ago, frequency, rough } from '../format/quantity.ts';
import { reportOf } from '../report-data.ts';

export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** None if chronyd did not answer. */
export function factsOf(update: Update): Fact[] {
  const { figures } = update.health;
  const tracking = reportOf(update, 'tracking');
  if (figures === null || !tracking) return [];
  const { offset, stratum, refTime } = tracking;
  const ofTheFollowed: Fact[] = [
    { label: 'Offset', value: rough(offset), note: offsetNote(offset) },
    {
      label: 'Stratum',
      value: String(stratum),
      note: stratum === 1 ? 'follows a reference clock' : `${stratum} hops to a reference clock`,
    },
    {
      label: 'Last measured',
      value: ago(Math.max(0, update.time - refTime)),
      note: 'when the clock was last updated',
    },
  ];
  return [
    ...(figures.maxError === null ? [] : ofTheFollowed),
    sourcesFact(figures),
    frequencyFact(tracking),
    leapFact(tracking),
  ];
}

function offsetNote(offset: number): string {
  if (offset === 0) return 'nothing left to correct';
  return `${offset > 0 ? 'slow' : 'fast'}, being corrected`;
}

function sourcesFact({ sources, reachableSources, falsetickers }: HealthFigures): Fact {
  const wrong = `, ${falsetickers} ${falsetickers === 1 ? 'is a falseticker' : 'are falsetickers'}`;
  return {
    label: 'Sources',
    value: `${reachableSources} of ${sources}`,
    note: `are answering${falsetickers === 0 ? '' : wrong}`,
  };
}

function frequencyFact({ frequency: rate, skew }: DataOf<TrackingStatus>): Fact {
  return {
    label: 'Frequency',
    value: frequency(Math.abs(rate)),
    note: `${rate > 0 ? 'fast' : 'slow'} if left alone; ±\u00a0${frequency(skew)} (skew)`,
  };
}

const LEAP_NOTES = {
  normal: 'no leap second is pending',
  'insert second': 'at the end of the day (UTC)',
  'delete second': 'at the end of the day (UTC)',
  'not synchronized': 'so nobody can tell of leap seconds',
} as const;

function leapFact({ leapStatus }: DataOf<TrackingStatus>): Fact {
  return { label: 'Leap status', value: leapWords(leapStatus), note: LEAP_NOTES[leapStatus] };
}
