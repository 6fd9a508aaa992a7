/** What an answer of chronyd's is worth as a bound on the clock's error. */
import type { TrackingStatus } from '../reports/index.ts';
import { isLocal } from './local.ts';

/** A reference time older than so many times the interval between updates means that they have ceased. */
const MISSED_UPDATES = 8;

/** Good: a bound. Local: synchronised to nothing, on purpose. Bad: not synchronised, or not any more. */
export type Worth = 'good' | 'local' | 'unsynchronised' | 'stale';

/** An answer, and how the machine's clocks stood meanwhile. */
export interface Answer {
  readonly status: TrackingStatus;
  /** The true time when it came, as chronyd has it: seconds since the epoch. */
  readonly time: number;
  /**
   * Seconds from one poll of the selected source to the next; null if that was not asked. After a burst it is much
   * longer than the last interval between updates.
   */
  readonly poll: number | null;
}

/** True if it may be that the clock is not updated any more: then the answer needs a `poll`. */
export function looksStale({ status, time, poll }: Answer): boolean {
  const interval = Math.max(status.updateInterval, poll ?? 0);
  return !isLocal(status) && Math.abs(time - status.refTime) > MISSED_UPDATES * interval;
}

export function worthOf(answer: Answer, allowLocal: boolean): Worth {
  const { status } = answer;
  if (!status.isSynchronized()) return 'unsynchronised';
  if (isLocal(status)) return allowLocal ? 'good' : 'local';
  return looksStale(answer) ? 'stale' : 'good';
}

/** Why it stands as it does, in words, and what to do about it. */
export function explain(worth: Worth, { status, time }: Answer): string {
  switch (worth) {
    case 'good':
      return `chronyd follows ${status.referenceIdName}`;
    case 'local':
      return (
        'chronyd is in local mode (127.127.1.1), synchronised to nothing; give it a source, or set allowLocal if ' +
        'only clocks that follow this one are compared'
      );
    case 'unsynchronised':
      return 'chronyd is not synchronised; wait until it has selected a source (chronyc sources tells what it has)';
    case 'stale':
      return (
        `chronyd has not updated the clock for ${Math.round(time - status.refTime)} s, while its last updates were ` +
        `${status.updateInterval.toFixed(1)} s apart; check that its sources answer (chronyc sources)`
      );
  }
}
