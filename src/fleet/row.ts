/** The state of each clock of a fleet, for the table, the API and the page. Plain data; types only. */
import type { HealthState } from '../health/judgement.ts';
import type { Target } from './target.ts';

/** `pending` until the first reply or failure. */
export type ClockState = HealthState | 'pending';

/** A source of a clock: field names as in the report `sources`. */
export interface SourceRow {
  /** As `Source.address`: an IP address, or the name of a reference clock. */
  readonly address: string;
  /** As `Source.name`: its name in chronyd's configuration; null if that is not known, and for a reference clock. */
  readonly name: string | null;
  /** True for a reference clock, which is not another host. */
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
  /**
   * The source that the clock follows: its configured name if that is known, otherwise as in
   * `HealthFigures.reference`.
   */
  readonly reference: string | null;
  /** The IP address of the source that it follows; null for a reference clock, and if it follows no source. */
  readonly referenceAddress: string | null;
  /** As `HealthFigures.measurementAge`, at the time of {@link heard}: seconds. */
  readonly measurementAge: number | null;
  /** The time of its last reply, by this machine's clock, in seconds since the epoch. Null if there was none. */
  readonly heard: number | null;
  /** The IP address that the target's name resolved to; null until it is known. */
  readonly ip: string | null;
  /**
   * At most 64 sources, as of the last slower round; null before the first one, and if chronyd refuses the report.
   * The selected source, if any, is among them.
   */
  readonly sources: readonly SourceRow[] | null;
  /** The number of all its sources; null if {@link sources} is null. */
  readonly sourceCount: number | null;
}

/** A host or a reference clock that clocks of the fleet have as a source. */
export interface SourceUse {
  /** An IP address; for reference clocks `TARGET NAME`, since each host has its own. */
  readonly address: string;
  readonly name: string | null;
  /** The address of the target that it is; null if it is not a target of the fleet. */
  readonly target: string | null;
  /** Targets that have selected it. */
  readonly followers: readonly string[];
  /** The number of clocks that have it as a source. */
  readonly users: number;
  /** The number of these clocks for which it is a falseticker. */
  readonly falseticker: number;
  /** The number of these clocks that cannot reach it. */
  readonly unreachable: number;
  /** Its stratum according to most of its users. */
  readonly stratum: number | null;
  /**
   * True if it is probably wrong: it is a falseticker for at least two clocks that do not follow it, and for at
   * least half of all clocks that have it as a source and do not follow it.
   */
  readonly isSuspect: boolean;
}

/** The sources that clocks follow, with loops and islands. */
export interface Topology {
  /** The most followers first. */
  readonly sources: readonly SourceUse[];
  /** Targets that follow each other in a circle, each circle once. */
  readonly loops: readonly (readonly string[])[];
  /**
   * Groups of at least two targets that follow only each other and nothing outside, not even a reference clock. A
   * group that follows a target which has never answered is not an island, because that target may follow something
   * outside.
   */
  readonly islands: readonly (readonly string[])[];
}
