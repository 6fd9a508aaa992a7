/** What the server tells the page: server-sent events at `/events`, each with JSON. Types only: the page has them, too. */

import type { ReportValues } from '../client/report-values.ts';
import type { Health } from '../health/judgement.ts';
import type { ReportName } from '../reports/index.ts';

/** One moment of the charts: seconds since the epoch, then what is null while chronyd does not tell or know. */
export type Point = readonly [
  time: number,
  /** What is still to be corrected, in seconds, positive if the clock is slow: `TrackingStatus.offset`. */
  offset: number | null,
  /** `TrackingStatus.frequency`, in ppm. */
  frequency: number | null,
  /** `TrackingStatus.maxError()`, in seconds; null also in local mode. */
  maxError: number | null,
];

/** Why a report is not there. */
export interface Failure {
  /** As `ChronyError.code`. */
  readonly code: string;
  readonly message: string;
}

/** Event `update`: all of how it stands. Its ID is the time of its point. */
export interface Update {
  /** When chronyd was asked: seconds since the epoch, by the server's clock. */
  readonly time: number;
  /** Seconds from one update to the next. */
  readonly interval: number;
  /** Whom the server asks, e.g. `127.0.0.1:323`. */
  readonly chronyd: string;
  /** The machine that the server runs on. */
  readonly host: string;
  readonly version: string;
  readonly health: Health;
  /** Those that chronyd gave, as `chrony-wasm --json` prints them. */
  readonly reports: Partial<ReportValues>;
  /** Those that it did not. */
  readonly failures: { readonly [Name in ReportName]?: Failure };
  readonly point: Point;
}

/**
 * Event `history`, before the first update, and again before one after which a slow page was left out: the points
 * before that update's that the page does not have yet, oldest first. Who comes again is told what came after its
 * `Last-Event-ID`; all that there is if the server does not know that.
 */
export type History = readonly Point[];
