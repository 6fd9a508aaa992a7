/** What an answer of chronyd's is worth as a bound on the clock's error. */
import type { TrackingStatus } from '../reports/index.ts';
import { isLocal } from '../reports/local.ts';

/** A reference time older than so many times the interval between updates means that they have ceased. */
const MISSED_UPDATES = 8;

/** After so many measurements chronyd has forgotten those that it made of what was another clock, so to speak. */
export const SETTLED = 8;

/** Good: a bound. Local: synchronised to nothing, on purpose. Bad: not synchronised, or not any more. */
export type Worth = 'good' | 'local' | 'unsynchronised' | 'stale';

/** What chronyd tells of the source that it follows. */
export interface Followed {
  /** Seconds from one poll of it to the next. After a burst it is much longer than the last interval between updates. */
  readonly poll: number;
  /** Its last measurement; null if there is none, or the clock was updated since the answer. */
  readonly measured: {
    /** By how many seconds the clock was slow as chronyd had corrected it. */
    readonly offset: number;
    /** How far from true time that may be, in seconds. */
    readonly error: number;
    /** How many seconds ago it was made, at the most. */
    readonly age: number;
  } | null;
}

/** An answer, and how the machine's clocks stood meanwhile. */
export interface Answer {
  readonly status: TrackingStatus;
  /** The true time when it came, as chronyd has it: seconds since the epoch. */
  readonly time: number;
  /** Null if that was not asked, or chronyd follows none. */
  readonly followed: Followed | null;
}

/** True if it may be that the clock is not updated any more: then it takes what is `followed` to say. */
export function looksStale({ status, time, followed }: Answer): boolean {
  const interval = Math.max(status.updateInterval, followed?.poll ?? 0);
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
