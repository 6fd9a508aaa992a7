/**
 * The viewers: pages that are connected for server-sent events. Their number is limited, and each receives events
 * at its own pace.
 */
import type { ServerResponse } from 'node:http';
import { json } from '../util/json.ts';
import { type Reply, type RouteRequest, type RouteResult, refusal } from './reply.ts';
import { type Limits, Shares } from './shares.ts';

/** A viewer that has read nothing for this number of heartbeats is disconnected. */
const MAX_MISSED = 2;

/** The events for a viewer. */
export interface Feed {
  /** The text to send next; null if there is nothing new. */
  next(): Buffer | null;
  /** Called when the viewer has disconnected. */
  left(): void;
}

/** A connected page, which receives events at its own pace. */
export class Viewer {
  readonly #response: ServerResponse;
  readonly #feed: Feed;
  #missed = 0;

  constructor(response: ServerResponse, feed: Feed) {
    this.#response = response;
    this.#feed = feed;
    response.on('drain', () => this.send());
  }

  /**
   * Sends new events, piece by piece, unless an earlier piece is still being sent. A slow viewer gets the latest
   * state later.
   */
  send(): void {
    while (!this.#response.writableNeedDrain && !this.#response.destroyed) {
      this.#missed = 0;
      const text = this.#feed.next();
      if (text === null) return;
      this.#response.write(text);
    }
  }

  beat(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(':\n\n');
    else if (++this.#missed >= MAX_MISSED) this.#response.destroy();
  }

  /** True if the viewer has not read the last piece. */
  get isStuck(): boolean {
    return this.#response.writableNeedDrain;
  }

  end(): void {
    // a viewer that does not read would not read the end either
    if (this.isStuck) this.#response.destroy();
    else this.#response.end();
  }
}

const LIMITS: Limits = { inAll: 256, ofClient: 32 };
/** Proxies close silent connections, and a viewer's disconnection shows only when something is sent. */
const HEARTBEAT_MS = 15_000;
/** The time after which a browser reconnects. */
const RETRY_MS = 2000;

/** A server-sent event as text. */
export function eventText(name: string, data: unknown, id?: number): string {
  // json() ends with the only line break
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${json(data, false)}\n`;
}

function isStuck(viewer: Viewer): boolean {
  return viewer.isStuck;
}

function full(limit: keyof Limits): Reply {
  const whose = limit === 'ofClient' ? 'from your address ' : '';
  return refusal(503, `${LIMITS[limit]} pages are open ${whose}already; close an unused one`, {
    'Retry-After': '10',
  });
}

const ENDED = refusal(503, 'this event stream has just ended; connect again', { 'Retry-After': '1' });

/** Places for the viewers of a process: several `Viewers` may share them. */
export function viewerPlaces(): Shares<Viewer> {
  return new Shares<Viewer>(LIMITS);
}

/** The viewers of one stream of events. */
export class Viewers implements Disposable {
  readonly #places: Shares<Viewer>;
  readonly #viewers = new Set<Viewer>();
  readonly #heartbeat: NodeJS.Timeout;
  #isEnded = false;

  /** @param places - the places that these viewers take */
  constructor(places: Shares<Viewer> = viewerPlaces()) {
    this.#places = places;
    this.#heartbeat = setInterval(() => {
      for (const viewer of this.#viewers) viewer.beat();
    }, HEARTBEAT_MS);
  }

  /** The number of connected viewers. */
  get size(): number {
    return this.#viewers.size;
  }

  /** Sends each viewer its new events. */
  send(): void {
    for (const viewer of this.#viewers) viewer.send();
  }

  /**
   * The reply to a request for the events.
   *
   * @param join - called when the viewer is admitted, before it counts
   */
  reply({ client }: RouteRequest, join: () => Feed): RouteResult {
    const room = this.#places.roomFor(client, isStuck);
    if (!room.isThere) return full(room.limit);
    return (response) => this.#admit(response, client, join);
  }

  #admit(response: ServerResponse, client: string, join: () => Feed): Reply | null {
    // meanwhile the client may have disconnected, and other viewers may have connected
    if (response.closed || response.destroyed) return null;
    if (this.#isEnded) return ENDED;
    const room = this.#places.roomFor(client, isStuck);
    if (!room.isThere) return full(room.limit);
    room.instead?.end();
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would buffer the events
      'X-Accel-Buffering': 'no',
    });
    const feed = join();
    const viewer = new Viewer(response, feed);
    this.#viewers.add(viewer);
    this.#places.add(client, viewer);
    response.on('close', () => {
      this.#viewers.delete(viewer);
      this.#places.delete(client, viewer);
      feed.left();
    });
    response.write(`retry: ${RETRY_MS}\n\n`);
    viewer.send();
    return null;
  }

  /** Disconnects all viewers. */
  [Symbol.dispose](): void {
    this.#isEnded = true;
    clearInterval(this.#heartbeat);
    for (const viewer of this.#viewers) viewer.end();
  }
}
