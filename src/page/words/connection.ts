/** How the page stands with the server, and what that makes of what it knows. */
import { duration } from '../format/quantity.ts';
import type { Standing } from './standing.ts';

export interface Link {
  readonly isOpen: boolean;
  readonly isLate: boolean;
  /** Seconds since the last update; null before the first. */
  readonly silence: number | null;
}

export const CONNECTING: Standing = {
  kind: 'connecting',
  tone: 'unknown',
  word: 'Connecting',
  headline: 'How the clock is, is not known yet.',
  meaning: 'The page waits for the server to tell. It goes on trying.',
  sum: '',
  short: 'connecting',
  reasons: [],
};

/** What was known is not true for ever. */
export function withoutNews({ silence, isOpen }: Link, last: Standing): Standing {
  const who = isOpen
    ? 'The server tells nothing any more'
    : 'The server that tells this page cannot be reached';
  return {
    kind: 'without news',
    tone: 'unknown',
    word: 'No news',
    headline: `No news of this clock for ${duration(silence)}.`,
    meaning: `${who}; the page goes on trying. That says nothing of the clock itself. Known last: ${last.word.toLowerCase()}, ${last.short}.`,
    sum: '',
    short: 'no news',
    reasons: [],
  };
}

export function linkWords({ isOpen, isLate }: Link): string {
  if (!isOpen) return 'Reconnecting';
  return isLate ? 'Silent' : 'Live';
}
