/** The page's first words: how the clock is, and what that means. */
import type { Failure, Update } from '../../server/messages.ts';
import { bound, size } from '../format/quantity.ts';
import { reportOf } from '../report-data.ts';
import { whatSourcesDo } from './summary.ts';
import type { Tone } from './tone.ts';

export interface Standing {
  /** What it is about; only another one or another tone is news. */
  readonly kind: string;
  readonly tone: Tone;
  /** One word. */
  readonly word: string;
  readonly headline: string;
  /** What follows from it. */
  readonly meaning: string;
  /** For the document's title. */
  readonly short: string;
}

const WORDS = { ok: 'Healthy', warning: 'Warning', critical: 'Critical', unknown: 'Unknown' } as const;

/** Why chronyd could not be asked, where it is known. */
const FAILURES: Readonly<Record<string, readonly [headline: string, meaning: string]>> = {
  ERR_CHRONY_CONNECTION: [
    'chronyd cannot be reached.',
    'It does not run, or not where it is asked. Nothing may be correcting this clock: it drifts, and how far it is off is not known.',
  ],
  ERR_CHRONY_TIMEOUT: [
    'chronyd does not answer.',
    'It hangs, or does not allow this host to ask. Nothing may be correcting this clock: it drifts, and how far it is off is not known.',
  ],
  ERR_CHRONY_RESOLVE: [
    'chronyd cannot be found.',
    'Its name has no address, so how this clock is cannot be told.',
  ],
  ERR_CHRONY_PERMISSION: [
    'chronyd may not be asked from here.',
    'That says nothing of the clock itself: it may well be right.',
  ],
};

function ofFailure(failure: Failure | undefined): readonly [headline: string, meaning: string] {
  return (
    FAILURES[failure?.code ?? ''] ?? [
      'How this clock is cannot be told.',
      'What chronyd said is of no use. That says nothing of the clock itself.',
    ]
  );
}

export function standing(update: Update): Standing {
  const { health, failures } = update;
  const tone = health.state;
  const word = WORDS[tone];
  const { figures } = health;
  if (figures === null) {
    const failure = failures.tracking ?? failures.sources;
    const [headline, meaning] = ofFailure(failure);
    return { kind: failure?.code ?? 'failure', tone, word, headline, meaning, short: 'no answer' };
  }
  if (!figures.synchronized) {
    return {
      kind: 'unsynchronised',
      tone,
      word,
      headline: 'This clock is not synchronised.',
      meaning: `Nothing corrects it: it drifts, and how far it is off is not known. ${whatSourcesDo(update)}`,
      short: 'not synchronised',
    };
  }
  if (figures.maxError === null) {
    return {
      kind: 'local',
      tone,
      word,
      headline: 'This clock follows nothing but itself.',
      meaning: `chronyd is in local mode: it serves its own time as if it were right, and how far it is off is not known. ${whatSourcesDo(update)}`,
      short: 'local mode',
    };
  }
  const limit = bound(figures.maxError);
  return {
    kind: 'synchronised',
    tone,
    word,
    headline:
      tone === 'critical' ? `This clock may be off by ${limit}.` : `This clock is right to within ${limit}.`,
    meaning: `${whatItFollows(update)} ${whatIsLeft(figures.offset ?? 0)}`,
    short: `± ${limit}`,
  };
}

function whatItFollows(update: Update): string {
  const { reference, stratum } = update.health.figures ?? {};
  const sources = reportOf(update, 'sources') ?? [];
  const combined = sources.filter(({ state }) => state === 'unselected').length;
  const followed = sources.find(({ state }) => state === 'selected');
  const kind = followed?.mode === 'reference clock' ? 'a reference clock' : `stratum ${(stratum ?? 1) - 1}`;
  const others = combined === 0 ? '' : `, combined with ${combined} other${combined === 1 ? '' : 's'}`;
  return `It follows ${reference ?? 'a source'} (${kind})${others}.`;
}

function whatIsLeft(offset: number): string {
  if (size(offset) === '0 ns') return 'By the best estimate there is nothing left to correct.';
  return `By the best estimate it is ${size(offset)} ${offset > 0 ? 'slow' : 'fast'}, which is being corrected.`;
}
