/** A page that looks on, at its own pace. */
import type { ServerResponse } from 'node:http';

type News = (seen: number, isFirst: boolean) => { readonly text: Buffer; readonly seen: number } | null;

/** After so many heartbeats without anything taken, nobody is there. */
const PATIENCE = 2;

export class Viewer {
  readonly #response: ServerResponse;
  readonly #news: News;
  #seen: number;
  #isFirst = true;
  #unanswered = 0;

  /** @param seen - how many points it has */
  constructor(response: ServerResponse, seen: number, news: News) {
    this.#response = response;
    this.#seen = seen;
    this.#news = news;
    response.on('drain', () => this.tell());
  }

  /**
   * Sends what is new, unless what was sent before is still on its way: a slow viewer gets the latest update when it is
   * ready, and what it has missed as points.
   */
  tell(): void {
    if (this.#response.writableNeedDrain) return;
    this.#unanswered = 0;
    const news = this.#news(this.#seen, this.#isFirst);
    if (news === null) return;
    this.#isFirst = false;
    this.#seen = news.seen;
    this.#response.write(news.text);
  }

  beat(): void {
    if (!this.#response.writableNeedDrain) this.#response.write(':\n\n');
    else if (++this.#unanswered >= PATIENCE) this.#response.destroy();
  }

  end(): void {
    this.#response.end();
  }
}
