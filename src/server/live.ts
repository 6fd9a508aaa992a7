/** The live page's updates: server-sent events, the same for all viewers. */
import type { ServerResponse } from 'node:http';
import { type Health, type HealthThresholds, judgeHealth } from 'chrony-wasm';
import type { Snapshot } from '#metrics';
import { maxClockErrorPpm } from '../clock/max-clock-error.ts';
import { healthOfFailure } from '../health/judgement.ts';
import { json } from '../util/json.ts';
import { monotonicMs } from '../util/timers.ts';
import type { Failure, History, Point, Update } from './messages.ts';
import { type Reply, type RouteRequest, type RouteResult, refusal } from './reply.ts';
import { type Limits, Shares } from './shares.ts';

/** The clock's health, which needs `tracking` and `sources`, and is known better with `selectdata` and `authdata`. */
export function healthOf(snapshot: Snapshot, thresholds: HealthThresholds): Health {
  const { time, seconds, maxClockError, reports } = snapshot;
  const { tracking, sources, selectdata, authdata } = reports;
  if (tracking?.value && sources?.value) {
    return judgeHealth(tracking.value, sources.value, thresholds, {
      selectData: selectdata?.value,
      authData: authdata?.value,
      // no reply came later
      time: time + seconds,
      maxClockErrorPpm: maxClockError.leastPpm,
    });
  }
  const error = tracking?.error ?? sources?.error;
  if (error) return healthOfFailure(error);
  const missing = (['tracking', 'sources'] as const).filter((name) => !(name in reports)).join(' and ');
  const reason = `the server does not ask for ${missing}; start it with --reports and ${missing} among others`;
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
/** More than any chart has pixels. */
const MAX_POINTS = 1800;

/** The points of the last hour: one for each snapshot, whoever asked for it. */
class PointHistory {
  readonly #points: Point[] = [];
  #count = 0;

  /** How many points there have ever been. A viewer's position is such a number. */
  get count(): number {
    return this.#count;
  }

  add(point: Point): void {
    const points = this.#points;
    points.push(point);
    this.#count++;
    while (points.length > MAX_POINTS || (points[0] ?? point)[0] < point[0] - KEPT_S) points.shift();
  }

  /** The points after the first `seen` ones, without the last point, oldest first, as far as they are kept. */
  between(seen: number): History {
    const first = this.#count - this.#points.length;
    return this.#points.slice(Math.max(0, seen - first), -1);
  }

  /**
   * The position of a viewer whose last point had this time; 0 if no kept point has it. The times must be equal, since
   * the clock may have been set.
   */
  seenAt(time: number): number {
    const index = this.#points.findLastIndex(([each]) => each === time);
    return index === -1 ? 0 : this.#count - this.#points.length + index + 1;
  }
}

/** The text to send next, and the viewer's position after it; null if there is nothing new. */
type News = (seen: number, isFirst: boolean) => { readonly text: Buffer; readonly seen: number } | null;

/** A viewer that has taken nothing for so many heartbeats is disconnected. */
const MAX_MISSED = 2;

/** A connected page, which receives updates at its own pace. */
class Viewer {
  readonly #response: ServerResponse;
  readonly #news: News;
  #seen: number;
  #isFirst = true;
  #missed = 0;

  /** @param seen - its position */
  constructor(response: ServerResponse, seen: number, news: News) {
    this.#response = response;
    this.#seen = seen;
    this.#news = news;
    response.on('drain', () => this.send());
  }

  /**
   * Sends the news, unless the previous ones are still being sent: a slow viewer gets the latest update once it is
   * ready, and the points that it has missed.
   */
  send(): void {
    if (this.#response.writableNeedDrain) return;
    this.#missed = 0;
    const news = this.#news(this.#seen, this.#isFirst);
    if (news === null) return;
    this.#isFirst = false;
    this.#seen = news.seen;
    this.#response.write(news.text);
  }

  beat(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(':\n\n');
    else if (++this.#missed >= MAX_MISSED) this.#response.destroy();
  }

  /** True for one that has not taken what it was sent last. */
  get isStuck(): boolean {
    return this.#response.writableNeedDrain;
  }

  end(): void {
    // one that takes nothing would not take the end either
    if (this.isStuck) this.#response.destroy();
    else this.#response.end();
  }
}

const VIEWERS: Limits = { inAll: 256, ofClient: 32 };
/** Proxies close silent connections, and a viewer's disconnection shows only when something is sent. */
const HEARTBEAT_MS = 15_000;
/** After which time a browser reconnects. */
const RETRY_MS = 2000;

/** A server-sent event as text. */
function event(name: string, data: unknown, id?: number): string {
  // json() ends with the only line break
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${json(data, false)}\n`;
}

function isStuck(viewer: Viewer): boolean {
  return viewer.isStuck;
}

function full(limit: keyof Limits): Reply {
  const whose = limit === 'ofClient' ? 'from your address ' : '';
  return refusal(503, `${VIEWERS[limit]} pages are open ${whose}already; close one that nobody looks at`, {
    'Retry-After': '10',
  });
}

/** Publishes updates to all viewers. */
export class Live implements Disposable {
  readonly #points = new PointHistory();
  readonly #viewers = new Shares<Viewer>(VIEWERS);
  readonly #heartbeat: NodeJS.Timeout;
  #update: Update | null = null;
  /** The last update as an event, and with all of the history before it: each made once for all viewers. */
  #texts: { readonly update: Buffer; whole: Buffer | null } | null = null;

  /** For each caller of {@link whenViewed} that waits. */
  readonly #waiting: (() => void)[] = [];

  readonly #freshMs: number;
  readonly #refresh: () => void;
  /** When the last update was published, by monotonicMs(). */
  #publishedMs = 0;

  /**
   * @param freshMs - up to which age an update is shown to the first viewer; an older one says nothing of now
   * @param refresh - has an update published; called when the first viewer finds none that is fresh
   */
  constructor(freshMs: number, refresh: () => void) {
    this.#freshMs = freshMs;
    this.#refresh = refresh;
    this.#heartbeat = setInterval(() => {
      for (const viewer of this.#viewers) viewer.beat();
    }, HEARTBEAT_MS);
  }

  /** How many viewers are connected. */
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
    for (const viewer of this.#viewers) viewer.send();
  }

  /** The route of `/events`. */
  reply({ header, client }: RouteRequest): RouteResult {
    const room = this.#viewers.roomFor(client, isStuck);
    if (!room.isThere) return full(room.limit);
    const seen = this.#points.seenAt(Number(header('last-event-id') || Number.NaN));
    return (response) => this.#admit(response, client, seen);
  }

  #admit(response: ServerResponse, client: string, seen: number): Reply | null {
    // the client may have gone since the request was looked at, and others may have come
    if (response.closed || response.destroyed) return null;
    const room = this.#viewers.roomFor(client, isStuck);
    if (!room.isThere) return full(room.limit);
    room.instead?.end();
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would buffer the events
      'X-Accel-Buffering': 'no',
    });
    const isStale = this.viewers === 0 && monotonicMs() - this.#publishedMs > this.#freshMs;
    if (isStale) this.#update = null;
    const viewer = new Viewer(response, seen, (seenNow, isFirst) => this.#news(seenNow, isFirst));
    this.#viewers.add(client, viewer);
    response.on('close', () => this.#viewers.delete(client, viewer));
    response.write(`retry: ${RETRY_MS}\n\n`);
    viewer.send();
    // the next turn may be almost an interval away
    if (isStale) this.#refresh();
    for (const resolve of this.#waiting.splice(0)) resolve();
    return null;
  }

  /**
   * The first time, and after a viewer has missed points, the history comes before the update.
   */
  #news(seen: number, isFirst: boolean): ReturnType<News> {
    const update = this.#update;
    const { count } = this.#points;
    if (update === null || seen === count) return null;
    this.#texts ??= { update: Buffer.from(event('update', update, update.time)), whole: null };
    const texts = this.#texts;
    if (!isFirst && seen === count - 1) return { text: texts.update, seen: count };
    const withHistory = (): Buffer =>
      Buffer.concat([Buffer.from(event('history', this.#points.between(seen))), texts.update]);
    // new viewers all get the same bytes
    if (seen === 0) texts.whole ??= withHistory();
    return { text: (seen === 0 && texts.whole) || withHistory(), seen: count };
  }

  /** Disconnects all viewers. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    for (const viewer of this.#viewers) viewer.end();
  }
}
