/** How the page is kept up to date: server-sent events, the same for all viewers. */
import type { ServerResponse } from 'node:http';
import { json } from '../util/json.ts';
import type { Update } from './messages.ts';
import { type Asked, type Reply, refusal } from './reply.ts';
import { Timeline } from './timeline.ts';
import { Viewer } from './viewer.ts';

const MOST_VIEWERS = 256;
/** Proxies end what is silent for long, and a viewer that has gone is only seen when something is sent. */
const HEARTBEAT_MS = 15_000;
/** How soon a browser comes again. */
const RETRY_MS = 2000;

/** An event, ready to be sent. */
function event(name: string, data: unknown, id?: number): string {
  // JSON has no line breaks but the last
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${json(data, false)}\n`;
}

export class Live implements Disposable {
  readonly #timeline: Timeline;
  readonly #viewers = new Set<Viewer>();
  readonly #heartbeat: NodeJS.Timeout;
  #update: Update | null = null;
  /** The last update as an event, and the same after all of the history: each made once for all viewers. */
  #texts: { readonly update: Buffer; whole: Buffer | null } | null = null;

  /** @param interval - from one update to the next, in seconds */
  constructor(interval: number) {
    this.#timeline = new Timeline(interval);
    this.#heartbeat = setInterval(() => {
      for (const viewer of this.#viewers) viewer.beat();
    }, HEARTBEAT_MS);
  }

  /** How many look on. */
  get viewers(): number {
    return this.#viewers.size;
  }

  publish(update: Update): void {
    this.#timeline.add(update.point);
    this.#update = update;
    this.#texts = null;
    for (const viewer of this.#viewers) viewer.tell();
  }

  /** The route of `/events`. */
  reply({ header }: Asked): Reply {
    if (this.#viewers.size >= MOST_VIEWERS) {
      return refusal(503, `${MOST_VIEWERS} look on already; close a page that nobody looks at`, {
        'Retry-After': '10',
      });
    }
    const seen = this.#timeline.seenAt(Number(header('last-event-id') || Number.NaN));
    return (response) => this.#admit(response, seen);
  }

  #admit(response: ServerResponse, seen: number): void {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      // nginx would hold them back
      'X-Accel-Buffering': 'no',
    });
    const viewer = new Viewer(response, seen, (...standing) => this.#news(...standing));
    this.#viewers.add(viewer);
    response.on('close', () => this.#viewers.delete(viewer));
    response.write(`retry: ${RETRY_MS}\n\n`);
    viewer.tell();
  }

  /**
   * What to send to a viewer that has seen so many points, and how many it has seen then; null if there is nothing new.
   * The first time, and after it has missed some, the history comes before the update.
   */
  #news(seen: number, isFirst: boolean): { readonly text: Buffer; readonly seen: number } | null {
    const update = this.#update;
    const { count } = this.#timeline;
    if (update === null || seen === count) return null;
    this.#texts ??= { update: Buffer.from(event('update', update, update.time)), whole: null };
    const texts = this.#texts;
    if (!isFirst && seen === count - 1) return { text: texts.update, seen: count };
    const withHistory = (): Buffer =>
      Buffer.concat([Buffer.from(event('history', this.#timeline.between(seen))), texts.update]);
    // the same bytes for all who come and know nothing
    if (seen === 0) texts.whole ??= withHistory();
    return { text: (seen === 0 && texts.whole) || withHistory(), seen: count };
  }

  /** Ends all of them. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    for (const viewer of this.#viewers) viewer.end();
  }
}
