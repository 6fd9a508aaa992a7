/**
 * The channels of one endpoint. A channel does one thing at a time, so there are as many as there are calls, up to a
 * limit; further calls wait in a queue.
 */
import { ChronyConnectionError, type ChronyError, ChronyTimeoutError } from '../errors.ts';
import type { Session } from '../sandbox/session.ts';
import { type Endpoint, formatEndpoint } from '../socket/address.ts';
import { type AbortSignalLike, onAbort, reasonOf } from '../util/abort.ts';
import { WaitQueue } from '../util/wait-queue.ts';
import { Channel, type Exchange, type Requester, requestNothing } from './channel.ts';
import { type Settings, totalTimeout } from './options.ts';
import { explainRefusal } from './refusal.ts';
import { Trace } from './tracing.ts';

/** How many calls can be under way at the same time: with more of them a single chronyd answers no faster. */
export const MAX_CHANNELS = 8;

/** True if the socket failed. A timeout is no such failure: it has taken all the time that there was. */
function isSocketFailure(reason: unknown): boolean {
  return reason instanceof ChronyConnectionError && !(reason instanceof ChronyTimeoutError);
}

/** A call, as far as a pool needs it. */
interface Admitted extends Exchange<unknown> {
  /** Null while it waits in the queue. */
  channel: Channel | null;
  /** True if the channel was an idle one: chronyd may have restarted since, so the call is repeated on a new one. */
  isRepeatable: boolean;
  cancel(reason: unknown): void;
}

/** One request of a caller, from the queue to its reply. */
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
  /** Null if nobody listens. */
  #trace: Trace | null = null;
  #isSettled = false;
  #stopListening: (() => void) | undefined;

  /**
   * @param record - a record's number, or a function that sends another kind of request
   * @param read - makes a value of the reply that a session holds, at once: it is gone when this returns
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
    // opening a socket is no request
    if (this.record !== requestNothing) this.#trace = Trace.of(this.#pool.endpoint, this.report);
    if (this.#trace === null) this.#begin(signal);
    else this.#trace.begin(() => this.#begin(signal));
  }

  #begin(signal: AbortSignalLike | undefined): void {
    if (signal !== undefined) this.#stopListening = onAbort(signal, () => this.cancel(reasonOf(signal)));
    if (!this.#isSettled) this.#pool.admit(this);
  }

  /** For the channel alone. */
  done(value: T): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopListening?.();
    this.#pool.release(this.channel);
    if (this.#trace === null) this.#resolve(value);
    else this.#trace.succeed(this.tries, value, () => this.#resolve(value));
  }

  /** For the channel, and for the pool where there is none to be had. */
  failed(reason: unknown): void {
    if (this.#isSettled) return;
    if (this.isRepeatable && isSocketFailure(reason) && this.#pool.repeat(this)) return;
    this.#isSettled = true;
    this.#stopListening?.();
    // nothing may be there any more: the next call on the connection looks for it anew
    if (reason instanceof ChronyConnectionError) this.#pool.retire();
    this.#pool.release(this.channel);
    this.#refuse(explainRefusal(reason, this.#pool.endpoint, this.#pool.skipped));
  }

  /** Ends the call with the reason, wherever it is. No reply is awaited any more. */
  cancel(reason: unknown): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopListening?.();
    this.#refuse(reason);
    this.channel?.close(reason);
    this.#pool.leave(this);
  }

  #refuse(reason: unknown): void {
    if (this.#trace === null) this.#reject(reason);
    else this.#trace.fail(this.tries, reason, () => this.#reject(reason));
  }
}

export class ChannelPool {
  readonly endpoint: Endpoint;
  /** Why each of the endpoints before this one was not taken. */
  skipped: readonly ChronyError[] = [];
  readonly #settings: Settings;
  readonly #channels = new Set<Channel>();
  readonly #idle: Channel[] = [];
  /** Made when it is first needed: most connections never have more calls than channels. */
  #queue: WaitQueue<Admitted> | null = null;
  #retired = false;
  /** Makes the reason why it is closed: an error takes time to make, and mostly nobody asks for it. */
  #closed: (() => unknown) | null = null;
  /** True while the queue is being served: a call that fails at once serves it again. */
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

  /** Opens a socket, unless there is one. @throws ChronyError if that fails. */
  open(signal: AbortSignalLike | undefined): Promise<void> {
    return this.ask('', requestNothing, () => {}, signal);
  }

  /** True once its socket has failed or nobody answered: new calls are to look for another endpoint. */
  get retired(): boolean {
    return this.#retired;
  }

  /** True once it is retired and nothing is under way any more. */
  get finished(): boolean {
    return this.#retired && this.#channels.size === 0;
  }

  /** Closes each channel as soon as no call needs it. */
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

  /** For a call that begins: gives it a channel, now or when its turn comes. */
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

  /** For a call whose idle channel has failed: gives it a new one. False if there is none to be had. */
  repeat(call: Admitted): boolean {
    if (call.channel !== null) this.#drop(call.channel);
    call.channel = null;
    if (this.#closed !== null) return false;
    this.#serveAnew(call);
    return true;
  }

  /** For a call that is settled: its channel is free for another one. */
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
   * For a call that was given up. The queue is served later: a signal may end many calls at once, and those in the queue
   * are not to be begun before they hear of it.
   */
  leave(call: Admitted): void {
    const queue = this.#queue;
    if (call.channel === null) queue?.delete(call);
    else this.#drop(call.channel);
    if (queue !== null && queue.size > 0) queueMicrotask(() => this.#serveQueue(queue));
  }

  /** A call that fails at once comes back here: it is served no deeper, but by the same loop. */
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

  /** True if a channel may be opened beside others. */
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
    this.#serveAnew(call);
  }

  #serveAnew(call: Admitted): void {
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
