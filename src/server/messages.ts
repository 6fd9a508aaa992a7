/**
 * The messages from the server to the page, in JSON: server-sent events at `/events`, and replies at `/page/…`. Types
 * only, shared with the page.
 */

import type { ReportValues } from '../client/report-values.ts';
import type { Health } from '../health/judgement.ts';
import type { ClientAccess, ReportName } from '../reports/index.ts';

/** A point of the charts: seconds since the epoch, then values that are null while they are unknown. */
export type Point = readonly [
  time: number,
  /** The remaining correction, in seconds, positive if the clock is slow: `TrackingStatus.offset`. */
  offset: number | null,
  /** `TrackingStatus.frequency`, in ppm. */
  frequency: number | null,
  /** `HealthFigures.maxError`, in seconds; null also in local mode. */
  maxError: number | null,
];

/** Why a report is missing. */
export interface Failure {
  /** The code, as in `ChronyError.code`. */
  readonly code: string;
  readonly message: string;
}

/** Event `update`: the complete state. Its ID is the time of its point. */
export interface Update {
  /** The time of the query, in seconds since the epoch by the server's clock. */
  readonly time: number;
  /** The time from one update to the next, in seconds. */
  readonly interval: number;
  /** The address of the chronyd, e.g. `127.0.0.1:323`. */
  readonly chronyd: string;
  /** The name of the machine that the server runs on. */
  readonly host: string;
  readonly version: string;
  readonly health: Health;
  /** The reports of chronyd, in the form that `chrony-wasm --json` prints. */
  readonly reports: Partial<ReportValues>;
  /** The failures of the other reports. */
  readonly failures: { readonly [Name in ReportName]?: Failure };
  readonly point: Point;
  /** chronyd's `maxclockerror`, in ppm, rounded; null until it is known. */
  readonly maxClockErrorPpm: number | null;
}

/**
 * Event `history`, sent before the first update, and before the next update when a slow page has missed some. It
 * has the points before that update that the page does not have yet, oldest first. A page that reconnects gets the
 * points after its `Last-Event-ID`, or all points if the server does not know that ID.
 */
export type History = readonly Point[];

/** A client and its mean rate of requests per second, 0 if it is not known. */
export interface RatedClient {
  readonly client: ClientAccess;
  readonly rate: number;
}

/** The value at `/page/clients`. */
export interface ClientsMessage {
  /** The time of the query, in seconds since the epoch by the server's clock. */
  readonly time: number;
  /** The number of clients that chronyd has in memory. */
  readonly total: number;
  /** The number of them that had requests dropped. */
  readonly limited: number;
  /** The clients that are the most active at present, most active first, at most 100. */
  readonly clients: readonly RatedClient[];
}

/** A reply at `/page/…`: data that the page requests only while it is visible, or the reason why there is none. */
export type PageReply<T> = { readonly value: T } | { readonly error: Failure };
