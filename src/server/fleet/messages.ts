/**
 * The messages from the server of a fleet to its page, in JSON: server-sent events at `/events`, and the replies of
 * `/api/fleet` and `/api/topology`. Types only, shared with the page.
 *
 * Each connection begins with everything: `clock`, then pieces of `targets`, each followed by the `rows` of the same targets.
 * A page that reconnects therefore forgets what it had. After that come changes only, at most once a second.
 */
import type { ClockRow, ClockState, Topology } from '../../fleet/row.ts';

/** The number of a target: a small integer, the same while the process runs, and never given to another target. */
export type TargetId = number;

/** Event `clock`: first of all, and again each interval, so that a page notices silence. */
export interface FleetClock {
  /** When it was sent: seconds since the epoch, by the server's clock, as `heard` in rows. */
  readonly time: number;
  /** The time from one request of a clock to the next, in seconds. */
  readonly interval: number;
  /** The name of the machine that the server runs on. */
  readonly host: string;
  readonly version: string;
  /** How many targets there are at this time: the page has loaded when it has as many rows. */
  readonly targets: number;
}

/**
 * An item of event `targets`, before the first row of the target, and again when its labels have changed. The target's own
 * page is at `clock/` and its address in percent-encoding.
 */
export type TargetMessage = readonly [
  id: TargetId,
  address: string,
  labels: Readonly<Record<string, string>>,
];

/** Event `targets`: at most 500 items. */
export type TargetsMessage = readonly TargetMessage[];

/** An item of event `rows`: a clock whose row has changed. The fields are those of `ClockRow`. */
export type RowMessage = readonly [
  id: TargetId,
  state: ClockState,
  reasons: readonly string[],
  /** At the time `heard`, in seconds. */
  maxError: number | null,
  /** In seconds, positive if the clock is slow. */
  offset: number | null,
  stratum: number | null,
  reference: string | null,
  /** At the time `heard`, in seconds. */
  measurementAge: number | null,
  /** Seconds since the epoch. */
  heard: number | null,
  ip: string | null,
];

/** Event `rows`: at most 500 items. */
export type RowsMessage = readonly RowMessage[];

/** Event `gone`: targets that are not of the fleet any more; at most 500 items. */
export type GoneMessage = readonly TargetId[];

/** Event `topology`: grows when the reply of `/api/topology` may have changed. */
export type TopologyVersion = number;

/** The reply of `/api/fleet`. */
export interface FleetReply {
  /** When it was written: seconds since the epoch, by the server's clock. */
  readonly time: number;
  /** The time from one request of a clock to the next, in seconds. */
  readonly interval: number;
  /** In the order of the list of targets; without `sources`, which `/api/topology` sums up. */
  readonly clocks: readonly Omit<ClockRow, 'sources'>[];
}

/** The reply of `/api/topology`. */
export type TopologyReply = Topology;
