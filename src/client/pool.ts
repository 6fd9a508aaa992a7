/**
 * The channels of one endpoint. A channel has one exchange at a time, so each call uses its own channel, up to a
 * limit. Further calls wait in a queue.
 */
import { ChronyConnectionError, ChronyTimeoutError } from '../errors.ts';
import type { Session } from '../sandbox/session.ts';
import { type Endpoint, formatEndpoint } from '../socket/address.ts';
import { type AbortSignalLike, onAbort, reasonOf } from '../util/abort.ts';
import { WaitQueue } from '../util/wait-queue.ts';
import { Channel, type Exchange, type Requester, requestNothing } from './channel.ts';
import { type Settings, totalTimeout } from './options.ts';
import { explainRefusal, type Skipped } from './refusal.ts';
import { Trace } from './tracing.ts';

/** The largest number of calls under way at the same time. A single chronyd does not reply any faster with more. */
export const MAX_CHANNELS = 8;

/** True if the socket failed. A timeout does not count: the call has then used all its time. */
function isSocketFailure(reason: unknown): boolean {
  return reason instanceof ChronyConnectionError && !(reason instanceof ChronyTimeoutError);
}

/** The part of a call that a pool uses. */
interface Admitted extends Exchange<unknown> {
  /** Null while it waits in the queue. */
  channel: Channel | null;
  /**
   * True if the channel was idle before. chronyd may have restarted since then, so if the socket fails, the call is
   * repeated on a new channel.
   */
  isRepeatable: boolean;
  cancel(reason: unknown): void;
}

/** A request of a caller, from the queue to its reply. */
export class Call<T> implements Exchange<T>, Admitted {
  readonly report: string;
  readonly record: number | Requester;
  readonly read: (session: Session) => T;
  tries = 0;
  channel: Channel | null = null;
  isRepeatable = false;
  readonly #resolve: (value: T) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #pool: ChannelPool;
  /** Null if the tracing channel has no listener. */
  #trace: Trace | null = null;
  #isSettled = false;
  #stopListening: (() => void) | undefined;

  /**
   * @param record - a record's number, or a function that sends another kind of request
   * @param read - decodes the reply that a session holds; the reply is valid only until this function returns
   */
  constructor(
    pool: ChannelPool,
    report: string,
    record: number | Requester,
    read: (session: Session) => T,
    resolve: (value: T) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#pool = pool;
    this.report = report;
    this.record = record;
    this.read = read;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Begins the call. It ends at once when the signal aborts, with the signal's reason. */
  start(signal?: AbortSignalLike): void {
    // opening a socket is not traced: it sends nothing
    if (this.record !== requestNothing) this.#trace = Trace.of(this.#pool.endpoint, this.report);
    if (this.#trace === null) this.#begin(signal);
    else this.#trace.begin(() => this.#begin(signal));
  }

  #begin(signal: AbortSignalLike | undefined): void {
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.cancel(reasonOf(signal)));
    if (!this.#isSettled) this.#pool.admit(this);
  }

  /** Called only by the channel. */
  done(value: T): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopListening?.();
    this.#pool.release(this.channel);
    if (this.#trace === null) this.#resolve(value);
    else this.#trace.succeed(this.tries, value, () => this.#resolve(value));
  }

  /** Called by the channel, and by the pool if it cannot open a channel. */
  failed(reason: unknown): void {
    if (this.#isSettled) return;
    if (this.isRepeatable && isSocketFailure(reason) && this.#pool.repeat(this)) return;
    this.#isSettled = true;
    this.#stopListening?.();
    // chronyd may be gone: the next call on the connection searches for an endpoint again
    if (reason instanceof ChronyConnectionError) this.#pool.retire();
    this.#pool.release(this.channel);
    this.#rejectCaller(explainRefusal(reason, this.#pool.endpoint, this.#pool.skipped));
  }

  /** Ends the call with the reason, queued or under way. Its reply is no longer awaited. */
  cancel(reason: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopListening?.();
    this.#rejectCaller(reason);
    this.channel?.close(reason);
    this.#pool.leave(this);
  }

  #rejectCaller(reason: unknown): void {
    if (this.#trace === null) this.#reject(reason);
    else this.#trace.fail(this.tries, reason, () => this.#reject(reason));
  }
}

export class ChannelPool {
  readonly endpoint: Endpoint;
  /** The endpoints that were tried before this one. */
  skipped: readonly Skipped[] = [];
  readonly #settings: Settings;
  readonly #channels = new Set<Channel>();
  readonly #idle: Channel[] = [];
  /** Created on first use: most connections never have more calls than channels. */
  #queue: WaitQueue<Admitted> | null = null;
  #retired = false;
  /**
   * Creates the reason why the pool is closed. It is a function because errors are expensive to create and this one
   * is rarely used.
   */
  #closed: (() => unknown) | null = null;
  /**
   * True while the queue is being served: a call that fails synchronously releases its channel, which serves the
   * queue again.
   */
  #isServing = false;

  constructor(endpoint: Endpoint, settings: Settings) {
    this.endpoint = endpoint;
    this.#settings = settings;
  }

  /**
   * Makes one request.
   *
   * @param record - a record's number, or a function that sends another kind of request
   */
  ask<T>(
    report: string,
    record: number | Requester,
    read: (session: Session) => T,
    signal: AbortSignalLike | undefined,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      new Call(this, report, record, read, resolve, reject).start(signal);
    });
  }

  /** Opens a socket unless one is open. @throws ChronyError if that fails. */
  open(signal: AbortSignalLike | undefined): Promise<void> {
    return this.ask('', requestNothing, () => {}, signal);
  }

  /** True once a socket has failed or chronyd did not reply: new calls must search for an endpoint again. */
  get retired(): boolean {
    return this.#retired;
  }

  /** True once it is retired and nothing is under way any more. */
  get finished(): boolean {
    return this.#retired && this.#channels.size === 0;
  }

  /** Closes each channel as soon as no call uses it. */
  retire(): void {
    this.#retired = true;
    for (let channel = this.#idle.pop(); channel !== undefined; channel = this.#idle.pop())
      this.#drop(channel);
  }

  /** Closes all channels. Each call that uses or waits for one fails with the reason. */
  close(reason: () => unknown): void {
    this.#closed ??= reason;
    this.retire();
    for (const call of this.#queue ?? []) call.cancel(reason());
    this.#queue?.clear();
    for (const channel of this.#channels) channel.close(reason());
  }

  /** Called when a call begins. Gives it a channel, now or when its turn comes. */
  admit(call: Admitted): void {
    if (this.#closed !== null) {
      call.failed(this.#closed());
    } else if (this.#queue?.size || (this.#idle.length === 0 && this.#channels.size > 0 && !this.#mayAdd())) {
      this.#queue ??= new WaitQueue(totalTimeout(this.#settings), (late) => late.failed(this.#neverSent()));
      this.#queue.add(call);
    } else {
      this.#serve(call);
    }
  }

  /** Called when the idle channel of a call has failed. Gives the call a new channel. False if the pool is closed. */
  repeat(call: Admitted): boolean {
    if (call.channel !== null) this.#drop(call.channel);
    call.channel = null;
    if (this.#closed !== null) return false;
    this.#serveOnNewChannel(call);
    return true;
  }

  /** Called when a call is settled. Its channel is free for another call. */
  release(channel: Channel | null): void {
    if (channel?.usable) {
      this.#idle.push(channel);
      this.#queue?.progress();
    } else if (channel !== null) {
      this.#drop(channel);
    }
    if (this.#queue !== null) this.#serveQueue(this.#queue);
    if (this.#retired) this.retire();
  }

  /**
   * Called when a call was cancelled. The queue is served in a microtask: a signal may cancel many calls at once, and
   * queued calls must not begin before they are cancelled.
   */
  leave(call: Admitted): void {
    const queue = this.#queue;
    if (call.channel === null) queue?.delete(call);
    else this.#drop(call.channel);
    if (queue !== null && queue.size > 0) queueMicrotask(() => this.#serveQueue(queue));
  }

  /** Serves the queue in a loop, not by recursion: a call that fails synchronously calls this again. */
  #serveQueue(queue: WaitQueue<Admitted>): void {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#idle.length > 0 || this.#channels.size === 0 || this.#mayAdd()) {
      const call = queue.shift();
      if (call === undefined) break;
      this.#serve(call);
    }
    this.#isServing = false;
  }

  /** True if another channel may be opened. */
  #mayAdd(): boolean {
    const { budget } = this.#settings;
    return this.#channels.size < MAX_CHANNELS && (budget === undefined || budget.left > 0);
  }

  #serve(call: Admitted): void {
    for (let channel = this.#idle.pop(); channel !== undefined; channel = this.#idle.pop()) {
      if (channel.usable) {
        call.channel = channel;
        call.isRepeatable = true;
        channel.ask(call);
        return;
      }
      this.#drop(channel);
    }
    this.#serveOnNewChannel(call);
  }

  #serveOnNewChannel(call: Admitted): void {
    call.isRepeatable = false;
    try {
      call.channel = new Channel(this.endpoint, this.#settings);
    } catch (error) {
      call.failed(error);
      return;
    }
    const { budget } = this.#settings;
    if (budget !== undefined && this.#channels.size > 0) budget.left--;
    this.#channels.add(call.channel);
    call.channel.ask(call);
  }

  #drop(channel: Channel): void {
    const { budget } = this.#settings;
    if (this.#channels.delete(channel) && budget !== undefined && this.#channels.size > 0) budget.left++;
    channel.close(undefined);
  }

  #neverSent(): ChronyTimeoutError {
    return new ChronyTimeoutError(
      `${formatEndpoint(this.endpoint)}: earlier calls on this connection had no answer in ${totalTimeout(this.#settings)} ms, so this one was not sent; ` +
        'check that chronyd runs there and answers this host',
    );
  }
}
