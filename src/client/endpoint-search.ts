/**
 * The way to one chronyd: resolves the address, finds the first endpoint that answers, and stays with it
 * while it does.
 */

import { ChronyConnectionError, ChronyError, ChronyPermissionError, ChronyTimeoutError } from '../errors.ts';
import { isAnswer } from '../sandbox/errors.ts';
import { openSocket } from '../socket/open.ts';
import { type Endpoint, formatEndpoint } from '../socket/socket.ts';
import { abortable } from '../util/abort.ts';
import { resolveAddress } from './address.ts';
import { Channel } from './channel.ts';
import { lookups } from './dns.ts';
import { type CallOptions, checkSignal, type Settings, totalTimeout } from './options.ts';
import { ChannelPool } from './pool.ts';

export class Link {
  readonly #settings: Settings;
  #address: string;
  /** The endpoint in use; null if the next call is to look for one. */
  #pool: ChannelPool | null = null;
  /** The search for one, shared by all calls that come meanwhile. */
  #search: Promise<ChannelPool> | null = null;
  /** Those in use, and former ones that still have something under way. */
  #pools: ChannelPool[] = [];
  /** Makes the reason why it is closed: an error takes time to make, and mostly nobody asks for it. */
  #closed: (() => unknown) | null = null;
  #ending: AbortController | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#address = settings.address ?? '';
  }

  /** The endpoint that answered last, as one would write it. */
  get address(): string {
    return this.#address;
  }

  /** Aborted when the link is closed, with the reason. */
  get ending(): AbortSignal {
    this.#ending ??= new AbortController();
    if (this.#closed !== null) this.#ending.abort(this.#closed());
    return this.#ending.signal;
  }

  /**
   * Does some work on the endpoint, after finding it where that is still to be done.
   *
   * @throws TypeError if the signal is none.
   */
  async use<T>(
    options: CallOptions | undefined,
    work: (pool: ChannelPool, signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    const signal = checkSignal(options?.signal);
    this.#throwIfClosed();
    const pool = this.#pool ?? (await this.#find(signal));
    try {
      return await work(pool, signal);
    } catch (error) {
      // whatever was there is gone: the next call looks for it anew
      if (error instanceof ChronyConnectionError && this.#pool === pool) {
        this.#pool = null;
        pool.retire();
      }
      throw error;
    }
  }

  /** Ends everything, with the reason for whoever waits. */
  close(reason: () => unknown): void {
    this.#closed ??= reason;
    this.#ending?.abort(reason());
    for (const pool of this.#pools.splice(0)) pool.close(reason);
  }

  #throwIfClosed(): void {
    if (this.#closed !== null) throw this.#closed();
  }

  #find(signal: AbortSignal | undefined): ChannelPool | Promise<ChannelPool> {
    if (this.#search === null) {
      const settings = this.#settings;
      const endpoints = resolveAddress(settings.address, (name) =>
        lookups.find(name, totalTimeout(settings), this.ending),
      );
      if (!(endpoints instanceof Promise)) {
        const [only, ...others] = endpoints;
        // no choice: the first call that opens a socket finds out whether anything is there
        if (only !== undefined && others.length === 0) return this.#take(only, this.#newPool(only));
      }
      this.#search = this.#tryAll(endpoints).finally(() => {
        this.#search = null;
      });
    }
    return abortable(abortable(this.#search, signal), this.ending);
  }

  async #tryAll(found: readonly Endpoint[] | Promise<readonly Endpoint[]>): Promise<ChannelPool> {
    const endpoints = await found;
    const failures: ChronyError[] = [];
    for (const endpoint of endpoints) {
      const pool = this.#newPool(endpoint);
      try {
        await probe(pool, endpoints.length > 1);
        return this.#take(endpoint, pool);
      } catch (error) {
        pool.retire();
        this.#throwIfClosed();
        if (!isAboutEndpoint(error)) throw error;
        failures.push(error);
      }
    }
    throw summary(failures);
  }

  #take(endpoint: Endpoint, pool: ChannelPool): ChannelPool {
    this.#address = formatEndpoint(endpoint);
    this.#pool = pool;
    return pool;
  }

  #newPool(endpoint: Endpoint): ChannelPool {
    const settings = this.#settings;
    this.#throwIfClosed();
    this.#pools = this.#pools.filter((former) => !former.finished);
    const pool = new ChannelPool(() => Channel.open(endpoint, settings, openSocket), {
      ms: totalTimeout(settings),
      error: () =>
        new ChronyTimeoutError(
          `${formatEndpoint(endpoint)}: earlier calls on this connection had no answer in ${totalTimeout(settings)} ms, so this one was not sent; ` +
            'check that chronyd runs there and answers this host',
        ),
    });
    this.#pools.push(pool);
    return pool;
  }
}

/**
 * Opens a socket and, where there is a choice of endpoints, sees whether anything answers: a refusal is an
 * answer, too.
 */
async function probe(pool: ChannelPool, ask: boolean): Promise<void> {
  try {
    await pool.use(undefined, async (channel) => {
      if (ask) await channel.record('tracking', 0, () => {});
    });
  } catch (error) {
    if (!(error instanceof ChronyError && isAnswer(error))) throw error;
  }
}

/** True if another endpoint may do better. */
function isAboutEndpoint(error: unknown): error is ChronyError {
  return error instanceof ChronyConnectionError || error instanceof ChronyPermissionError;
}

/** One error for all endpoints: the only one's own, or one that tells each. */
function summary(failures: readonly ChronyError[]): ChronyError {
  const [only, ...more] = failures;
  if (only !== undefined && more.length === 0) return only;
  const told = failures.map((failure) => failure.message).join('\n  ');
  const cause = new AggregateError(failures);
  // the most telling of them: after silence something may be there, after a denial something is
  const ErrorClass =
    [ChronyTimeoutError, ChronyPermissionError].find((Class) =>
      failures.some((failure) => failure instanceof Class),
    ) ?? ChronyConnectionError;
  return new ErrorClass(`no chronyd answered; tried:\n  ${told}`, { cause });
}
