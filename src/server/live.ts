/** The updates of a clock's live page, the same for all viewers. */
import { type Health, type HealthThresholds, judgeHealth } from 'chrony-wasm';
import type { Snapshot } from '#metrics';
import { maxClockErrorPpm } from '../clock/max-clock-error.ts';
import { healthOfFailure } from '../health/judgement.ts';
import { monotonicMs } from '../util/timers.ts';
import type { Failure, History, Point, Update } from './messages.ts';
import type { RouteRequest, RouteResult } from './reply.ts';
import type { Shares } from './shares.ts';
import { eventText, type Feed, type Viewer, Viewers } from './viewers.ts';

/** The clock's health. It needs `tracking` and `sources`, and is more precise with `selectdata` and `authdata`. */
export function healthOf(snapshot: Snapshot, thresholds: HealthThresholds): Health {
  const { time, seconds, maxClockError, reports } = snapshot;
  const { tracking, sources, selectdata, authdata } = reports;
  if (tracking?.value && sources?.value) {
    return judgeHealth(tracking.value, sources.value, thresholds, {
      selectData: selectdata?.value,
      authData: authdata?.value,
      // the last possible time of a reply
      time: time + seconds,
      maxClockErrorPpm: maxClockError.leastPpm,
    });
  }
  const error = tracking?.error ?? sources?.error;
  if (error) return healthOfFailure(error);
  const missing = (['tracking', 'sources'] as const).filter((name) => !(name in reports)).join(' and ');
  const reason = `the server does not request ${missing}; add ${missing} to its --reports`;
  return { state: 'unknown', reasons: [reason], figures: null };
}

function pointOf({ time, reports }: Snapshot, { figures }: Health): Point {
  const tracking = reports.tracking?.value;
  return [time, tracking?.offset ?? null, tracking?.frequency ?? null, figures?.maxError ?? null];
}

export type UpdateContext = Pick<Update, 'interval' | 'chronyd' | 'host' | 'version'>;

/** A snapshot in the form that the page needs. */
export function updateOf(snapshot: Snapshot, thresholds: HealthThresholds, context: UpdateContext): Update {
  const health = healthOf(snapshot, thresholds);
  const outcomes = Object.entries(snapshot.reports);
  const values = outcomes.filter(([, { error }]) => error === null).map(([name, { value }]) => [name, value]);
  const failures = outcomes.flatMap(([name, { error }]): [string, Failure][] =>
    error === null ? [] : [[name, { code: error.code, message: error.message }]],
  );
  return {
    ...context,
    time: snapshot.time,
    health,
    reports: Object.fromEntries(values),
    failures: Object.fromEntries(failures),
    point: pointOf(snapshot, health),
    maxClockErrorPpm: maxClockErrorPpm(snapshot.maxClockError),
  };
}

const KEPT_S = 3600;
/** The maximum number of points, which is more than the pixels of any chart. */
const MAX_POINTS = 1800;

/** The points of the last hour: one for each snapshot, whether taken for viewers or for scrapes. */
class PointHistory {
  readonly #points: Point[] = [];
  #count = 0;

  /** The number of points ever added. A viewer's position is such a number. */
  get count(): number {
    return this.#count;
  }

  add(point: Point): void {
    const points = this.#points;
    points.push(point);
    this.#count++;
    while (points.length > MAX_POINTS || (points[0] ?? point)[0] < point[0] - KEPT_S) points.shift();
  }

  /**
   * The kept points that a viewer at position `seen` has not had, oldest first, without the latest, which its update
   * contains.
   */
  missedSince(seen: number): History {
    const first = this.#count - this.#points.length;
    return this.#points.slice(Math.max(0, seen - first), -1);
  }

  /**
   * The position of a viewer whose last point had this time; 0 if no kept point has this time. The times must be
   * equal, because the clock may have been set.
   */
  seenAt(time: number): number {
    const index = this.#points.findLastIndex(([each]) => each === time);
    return index === -1 ? 0 : this.#count - this.#points.length + index + 1;
  }
}

/** Publishes updates to all viewers. */
export class Live implements Disposable {
  readonly #points = new PointHistory();
  readonly #viewers: Viewers;
  #update: Update | null = null;
  /** The last update as an event, alone and with the whole history before it. Each is made once for all viewers. */
  #texts: { readonly update: Buffer; whole: Buffer | null } | null = null;

  /** The resolvers of pending {@link whenViewed} calls. */
  readonly #waiting: (() => void)[] = [];

  readonly #freshMs: number;
  readonly #refresh: () => void;
  /** The time of the last update, by monotonicMs(). */
  #publishedMs = 0;

  /**
   * @param freshMs - the maximum age of an update that the first viewer gets; an older update is out of date
   * @param refresh - requests a new update; called when there is no fresh update for the first viewer
   * @param places - as for `Viewers`
   */
  constructor(freshMs: number, refresh: () => void, places?: Shares<Viewer>) {
    this.#freshMs = freshMs;
    this.#refresh = refresh;
    this.#viewers = new Viewers(places);
  }

  /** The number of connected viewers. */
  get viewers(): number {
    return this.#viewers.size;
  }

  /** Resolves when there is a viewer. */
  whenViewed(): Promise<void> {
    return this.viewers > 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  publish(update: Update): void {
    this.#points.add(update.point);
    this.#update = update;
    this.#publishedMs = monotonicMs();
    this.#texts = null;
    this.#viewers.send();
  }

  /** The route of `/events`. */
  reply(request: RouteRequest): RouteResult {
    const seen = this.#points.seenAt(Number(request.header('last-event-id') || Number.NaN));
    return this.#viewers.reply(request, () => this.#join(seen));
  }

  /** @param seen - the position of the viewer */
  #join(seen: number): Feed {
    const isStale = this.viewers === 0 && monotonicMs() - this.#publishedMs > this.#freshMs;
    if (isStale) {
      this.#update = null;
      // the next regular update may be almost an interval away
      this.#refresh();
    }
    for (const resolve of this.#waiting.splice(0)) resolve();
    let position = seen;
    let isFirst = true;
    const next = (): Buffer | null => {
      const text = this.#news(position, isFirst);
      if (text === null) return null;
      position = this.#points.count;
      isFirst = false;
      return text;
    };
    return { next, left: () => {} };
  }

  /**
   * Returns the next text for a viewer; null if it is up to date. For a new viewer, and for one that has missed
   * points, the history precedes the update.
   */
  #news(seen: number, isFirst: boolean): Buffer | null {
    const update = this.#update;
    const { count } = this.#points;
    if (update === null || seen === count) return null;
    this.#texts ??= { update: Buffer.from(eventText('update', update, update.time)), whole: null };
    const texts = this.#texts;
    if (!isFirst && seen === count - 1) return texts.update;
    const withHistory = (): Buffer =>
      Buffer.concat([Buffer.from(eventText('history', this.#points.missedSince(seen))), texts.update]);
    // new viewers all get the same bytes
    if (seen === 0) texts.whole ??= withHistory();
    return (seen === 0 && texts.whole) || withHistory();
  }

  /** Disconnects all viewers. */
  [Symbol.dispose](): void {
    this.#viewers[Symbol.dispose]();
  }
}
