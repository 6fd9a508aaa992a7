/**
 * The messages from the server of a fleet to its page, in JSON: server-sent events at `/events`, and the replies of
 * `/api/fleet` and `/api/topology`. Types only, shared with the page.
 *
 * Each connection begins with the complete state: `clock`, then pieces of `targets`, each followed by the `rows` of
 * the same targets. A page that reconnects therefore discards its data. After that, only changes are sent, at most
 * once a second.
 */
import type { ClockRow, ClockState, Topology } from '../../fleet/row.ts';

/** The ID of a target: a small integer that is constant while the process runs and is never reused. */
export type TargetId = number;

/** Event `clock`: the first event, repeated each interval, so that a page notices a silent connection. */
export interface FleetClock {
  /** The time of sending, in seconds since the epoch by the server's clock, like `heard` in rows. */
  readonly time: number;
  /** The time between two queries of a clock, in seconds. */
  readonly interval: number;
  /** The name of the machine that the server runs on. */
  readonly host: string;
  readonly version: string;
  /** The number of targets at this time. The page is complete when it has as many rows. */
  readonly targets: number;
}

/**
 * An item of event `targets`. It is sent before the first row of the target, and again when its labels have
 * changed. The path of the target's own page is `clock/` followed by its percent-encoded address.
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

/** Event `gone`: targets that were removed from the fleet; at most 500 items. */
export type GoneMessage = readonly TargetId[];

/** Event `topology`: a number that grows when the reply of `/api/topology` may have changed. */
export type TopologyVersion = number;

/** The reply of `/api/fleet`. */
export interface FleetReply {
  /** The time of writing, in seconds since the epoch by the server's clock. */
  readonly time: number;
  /** The time between two queries of a clock, in seconds. */
  readonly interval: number;
  /** In the order of the list of targets; without `sources`, which `/api/topology` summarizes. */
  readonly clocks: readonly Omit<ClockRow, 'sources'>[];
}

/** The reply of `/api/topology`. */
export type TopologyReply = Topology;
