/** What is known of each clock of a fleet, as the table, the API and the page show it. Plain data. Types only. */
import type { HealthState } from '../health/judgement.ts';
import type { Target } from './target.ts';

/** `pending` until the first answer or failure. */
export type ClockState = HealthState | 'pending';

/** A source of a clock: field names as in the report `sources`. */
export interface SourceRow {
  /** As `Source.address`: an IP address, or the name of a reference clock. */
  readonly address: string;
  /** As `Source.name`: its name in chronyd's configuration; null if that is not known, and for a reference clock. */
  readonly name: string | null;
  /** True for a reference clock: it is no other host. */
  readonly isReferenceClock: boolean;
  /** As `SourceState` names it: `selected`, `falseticker`, … */
  readonly state: string;
  /** As `Source.stratum`. */
  readonly stratum: number;
  /** As `Source.isReachable()`. */
  readonly isReachable: boolean;
}

/** A clock. */
export interface ClockRow extends Target {
  readonly state: ClockState;
  /** As `Health.reasons`. */
  readonly reasons: readonly string[];
  /** As `HealthFigures.maxError`, at the time of {@link heard}: seconds, zero or more. */
  readonly maxError: number | null;
  /** As `HealthFigures.offset`: seconds, positive if the clock is slow. */
  readonly offset: number | null;
  /** As `HealthFigures.stratum`. */
  readonly stratum: number | null;
  /** What the clock follows, by the name in its configuration where that is known, or else as `HealthFigures.reference`. */
  readonly reference: string | null;
  /** The IP address of what it follows; null for a reference clock, and if it follows nothing. */
  readonly referenceAddress: string | null;
  /** As `HealthFigures.measurementAge`, at the time of {@link heard}: seconds. */
  readonly measurementAge: number | null;
  /** When it answered last, by this machine's clock: seconds since the epoch. Null if it never did. */
  readonly heard: number | null;
  /** The IP address that the target's name led to; null until that is known. */
  readonly ip: string | null;
  /**
   * By the last slower round, 64 of them at most; null until there was one, and if chronyd does not give the report. With a
   * selected source, that is among them.
   */
  readonly sources: readonly SourceRow[] | null;
  /** How many sources it has; null where {@link sources} is. */
  readonly sourceCount: number | null;
}

/** A host or a reference clock that clocks of the fleet have as a source. */
export interface SourceUse {
  /** An IP address; for reference clocks `TARGET NAME`, since each host has its own. */
  readonly address: string;
  readonly name: string | null;
  /** The target that it is, by its address; null if it is not of the fleet. */
  readonly target: string | null;
  /** Targets that have selected it. */
  readonly followers: readonly string[];
  /** How many clocks have it as a source. */
  readonly users: number;
  /** How many of them call it a falseticker. */
  readonly falseticker: number;
  /** How many of them cannot reach it. */
  readonly unreachable: number;
  /** Its stratum by the most of its users. */
  readonly stratum: number | null;
  /**
   * True if it is probably wrong: at least two clocks that do not follow it call it a falseticker, and these are at least
   * half of all clocks that have it and do not follow it.
   */
  readonly isSuspect: boolean;
}

/** Who follows whom. */
export interface Topology {
  /** The most followers first. */
  readonly sources: readonly SourceUse[];
  /** Targets that follow each other in a circle, each circle once. */
  readonly loops: readonly (readonly string[])[];
  /**
   * Groups of at least two targets that follow each other and nothing outside, not even a reference clock. A group that follows
   * a target which never answered is none: that may follow something outside.
   */
  readonly islands: readonly (readonly string[])[];
}
