/** The page's first words: how the clock is, and what that means. */
import type { DataOf } from '../../reports/record.ts';
import type { TrackingStatus } from '../../reports/tracking.ts';
import type { Update } from '../../server/messages.ts';
import { bound, rough } from '../format/quantity.ts';
import { reportOf } from '../report-data.ts';
import { withoutAnswer } from './failure.ts';
import { whatSourcesDo } from './summary.ts';
import type { Tone } from './tone.ts';
import type { Words } from './words.ts';

export interface Standing extends Words {
  readonly tone: Tone;
  /** The tone in a word. */
  readonly word: string;
  /** What is not as it should be. */
  readonly reasons: readonly string[];
}

const WORDS = { ok: 'Healthy', warning: 'Warning', critical: 'Critical', unknown: 'Unknown' } as const;

export function standing(update: Update): Standing {
  const { state, reasons } = update.health;
  return { tone: state, word: WORDS[state], reasons, ...wordsOf(update) };
}

function wordsOf(update: Update): Words {
  const { health, failures } = update;
  const tracking = reportOf(update, 'tracking');
  if (health.figures === null || !tracking) return withoutAnswer(failures.tracking ?? failures.sources);
  const { synchronized, maxError } = health.figures;
  if (!synchronized) {
    return {
      kind: 'not synchronised',
      headline: 'This clock is not synchronised.',
      meaning: `Nothing corrects it: it drifts, and how far it is off is not known. ${whatSourcesDo(update)}`,
      sum: '',
      short: 'not synchronised',
    };
  }
  if (maxError === null) {
    return {
      kind: 'local',
      headline: 'This clock follows nothing but itself.',
      meaning:
        'chronyd is in local mode: it serves its own time as if that were right, and how far it is off is not ' +
        `known. ${whatSourcesDo(update)}`,
      sum: '',
      short: 'local mode',
    };
  }
  const limit = bound(maxError);
  return {
    kind: 'synchronised',
    headline:
      health.state === 'critical'
        ? `This clock may be off by ${limit}.`
        : `This clock is right to within ${limit}.`,
    meaning: `${whatItFollows(update, tracking)} ${whatIsLeft(tracking.offset)}`,
    sum: sumOf(tracking),
    short: `± ${limit}`,
  };
}

function whatItFollows(update: Update, { referenceIdName, stratum }: DataOf<TrackingStatus>): string {
  const sources = reportOf(update, 'sources') ?? [];
  const combined = sources.filter(({ state }) => state === 'unselected').length;
  const followed = sources.find(({ state }) => state === 'selected');
  const isClock = followed?.mode === 'reference clock' || stratum === 1;
  const kind = isClock ? 'a reference clock' : `stratum ${stratum - 1}`;
  const others = combined === 0 ? '' : `, combined with ${combined} other${combined === 1 ? '' : 's'}`;
  return `It follows ${referenceIdName} (${kind})${others}.`;
}

function whatIsLeft(offset: number): string {
  if (offset === 0) return 'By the best estimate there is nothing left to correct.';
  return `By the best estimate it is ${rough(offset)} ${offset > 0 ? 'slow' : 'fast'}, which is being corrected.`;
}

function sumOf({ offset, rootDispersion, rootDelay }: DataOf<TrackingStatus>): string {
  const parts = [
    `${rough(offset)} left to correct`,
    `${rough(rootDispersion)} of root dispersion`,
    `${rough(rootDelay / 2)} for half of the root delay`,
  ];
  return `The bound is a sum: ${parts.join(' + ')}.`;
}
