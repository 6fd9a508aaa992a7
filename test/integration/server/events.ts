/** What a page is told, as it comes. */
import type { IncomingMessage } from 'node:http';
import type { History, Update } from '../../../src/server/messages.ts';
import { type AskOptions, open } from './serving.ts';

export type Told =
  | { readonly event: 'history'; readonly data: History }
  | { readonly event: 'update'; readonly data: Update; readonly id: string };

/** The events of a response, whatever they are. */
export async function* eventsOf<T>(response: IncomingMessage): AsyncGenerator<T, void> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const blocks = (text + chunk).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => {
          const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
          return [name, value];
        }),
      );
      if (fields['event'] !== undefined) yield { ...fields, data: JSON.parse(fields['data'] ?? '') } as T;
    }
  }
}

export class Events implements AsyncDisposable {
  readonly response: IncomingMessage;
  readonly #events: AsyncGenerator<Told, void>;

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.#events = eventsOf(response);
  }

  /** @param options - of the request */
  static async open(url: string, options: Pick<AskOptions, 'headers' | 'from'> = {}): Promise<Events> {
    return new Events(await open(new URL('events', url).href, options));
  }

  /** The next; null at the end. */
  async next(): Promise<Told | null> {
    const { value, done } = await this.#events.next();
    return done ? null : (value ?? null);
  }

  /** The next update for which that is true. */
  async update(wanted: (update: Update) => boolean = () => true): Promise<Update> {
    for (;;) {
      const told = await this.next();
      if (told === null) throw new Error('the events have ended');
      if (told.event === 'update' && wanted(told.data)) return told.data;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.response.destroy();
  }
}
