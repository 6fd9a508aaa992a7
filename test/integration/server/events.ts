/** A client for the events that the server sends to its page. */
import type { IncomingMessage } from 'node:http';
import type { History, Update } from '../../../src/server/messages.ts';
import { type AskOptions, open } from './serving.ts';

export type Message =
  | { readonly event: 'history'; readonly data: History }
  | { readonly event: 'update'; readonly data: Update; readonly id: string };

/** Parses the events of a response, of any type. */
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
  readonly #events: AsyncGenerator<Message, void>;

  private constructor(response: IncomingMessage) {
    this.response = response;
    this.#events = eventsOf(response);
  }

  /** @param options - options of the request */
  static async open(url: string, options: Pick<AskOptions, 'headers' | 'from'> = {}): Promise<Events> {
    return new Events(await open(new URL('events', url).href, options));
  }

  /** The next event; null at the end. */
  async next(): Promise<Message | null> {
    const { value, done } = await this.#events.next();
    return done ? null : (value ?? null);
  }

  /** The next update that fulfills the condition. */
  async update(isExpected: (update: Update) => boolean = () => true): Promise<Update> {
    for (;;) {
      const message = await this.next();
      if (message === null) throw new Error('the events have ended');
      if (message.event === 'update' && isExpected(message.data)) return message.data;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.response.destroy();
  }
}
