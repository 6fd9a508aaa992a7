/**
 * The channels of one endpoint. A channel does one thing at a time, so there are as many as things to do, up
 * to a limit; who comes later waits in line.
 */
// imported, so that a test's fake timers do not stop it
import { clearTimeout, setTimeout } from 'node:timers';
import { ChronyConnectionError, ChronyTimeoutError } from '../errors.ts';
import { abortable, onAbort } from '../util/abort.ts';
import type { Channel } from './channel.ts';

/** How many things can be done at the same time: with more of them a single chronyd answers no faster. */
export const MAX_CHANNELS = 8;

/** True if the socket failed. A timeout is no such failure: it has taken all the time that there was. */
function isFailure(error: unknown): boolean {
  return error instanceof ChronyConnectionError && !(error instanceof ChronyTimeoutError);
}

/** Someone in line. */
interface Waiter {
  readonly proceed: () => void;
  readonly fail: (reason: unknown) => void;
}

export class ChannelPool {
  readonly #open: () => Promise<Channel>;
  readonly #patience: { readonly ms: number; readonly error: () => unknown };
  readonly #idle: Channel[] = [];
  /** Those that are open, idle or not. */
  readonly #channels: Channel[] = [];
  readonly #line = new Set<Waiter>();
  /** How many may still start. */
  #room = MAX_CHANNELS;
  /** How often something was answered. */
  #answers = 0;
  #retired = false;
  /** Tells why it is closed. */
  #closed: (() => unknown) | null = null;

  /**
   * @param open - opens one more channel
   * @param patience - how long those in line wait while nothing at all is answered, and the error that they get then
   */
  constructor(open: () => Promise<Channel>, patience: { ms: number; error: () => unknown }) {
    this.#open = open;
    this.#patience = patience;
  }

  /**
   * Does some work on a channel that nobody else uses meanwhile; again on a new one, if it was one that had idled
   * and its socket fails.
   *
   * @param signal - ends it at once, with the signal's reason
   */
  async use<T>(signal: AbortSignal | undefined, work: (channel: Channel) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    this.#throwIfClosed();
    if (this.#room > 0) this.#room--;
    else await this.#waitInLine(signal);
    try {
      let idle = this.#takeIdle();
      for (;;) {
        const channel = idle ?? (await this.#openChannel(signal));
        const stop = signal && onAbort(signal, () => channel.close(signal.reason));
        try {
          this.#throwIfClosed();
          return await work(channel);
        } catch (error) {
          if (idle === undefined || signal?.aborted || this.#closed !== null || !isFailure(error))
            throw error;
          // it may be chronyd's former socket that is gone since it was last used
          idle = undefined;
        } finally {
          stop?.();
          if (channel.usable) this.#answers++;
          this.#putBack(channel);
        }
      }
    } finally {
      this.#leave();
    }
  }

  /** No new work will come: closes each channel as soon as it is idle. */
  retire(): void {
    this.#retired = true;
    for (const channel of this.#idle.splice(0)) this.#drop(channel);
  }

  /** True once it is retired and nothing is under way any more. */
  get finished(): boolean {
    return this.#retired && this.#room === MAX_CHANNELS;
  }

  /** Closes all channels; whoever uses or waits for one is given the reason. */
  close(reason: () => unknown): void {
    this.#closed ??= reason;
    this.retire();
    for (const channel of this.#channels) channel.close(reason());
    for (const waiter of this.#line) waiter.fail(reason());
  }

  async #waitInLine(signal: AbortSignal | undefined): Promise<void> {
    let waiter: Waiter | undefined;
    let timer: NodeJS.Timeout | undefined;
    const turn = new Promise<void>((proceed, fail) => {
      waiter = { proceed, fail };
      this.#line.add(waiter);
      let seen = -1;
      const look = (): void => {
        if (seen === this.#answers) fail(this.#patience.error());
        else timer = setTimeout(look, this.#patience.ms);
        seen = this.#answers;
      };
      look();
    });
    try {
      await abortable(turn, signal);
    } catch (error) {
      // it was this one's turn at the very moment that it gave up: pass it on
      if (waiter !== undefined && !this.#line.has(waiter)) this.#leave();
      throw error;
    } finally {
      clearTimeout(timer);
      if (waiter !== undefined) this.#line.delete(waiter);
    }
  }

  #leave(): void {
    const [next] = this.#line.size === 0 ? [] : this.#line;
    if (next === undefined) {
      this.#room++;
      return;
    }
    this.#line.delete(next);
    next.proceed();
  }

  #takeIdle(): Channel | undefined {
    for (;;) {
      const channel = this.#idle.pop();
      if (channel === undefined || channel.usable) return channel;
      this.#drop(channel);
    }
  }

  async #openChannel(signal: AbortSignal | undefined): Promise<Channel> {
    const opening = this.#open();
    try {
      const channel = await abortable(opening, signal);
      this.#channels.push(channel);
      return channel;
    } catch (error) {
      opening.then(
        (late) => {
          this.#channels.push(late);
          this.#putBack(late);
        },
        () => {}, // it is the error that is thrown below, or nobody waits for it any more
      );
      throw error;
    }
  }

  #throwIfClosed(): void {
    if (this.#closed !== null) throw this.#closed();
  }

  #drop(channel: Channel): void {
    channel.close(undefined);
    const at = this.#channels.indexOf(channel);
    if (at >= 0) this.#channels.splice(at, 1);
  }

  #putBack(channel: Channel): void {
    if (channel.usable && !this.#retired) this.#idle.push(channel);
    else this.#drop(channel);
  }
}
