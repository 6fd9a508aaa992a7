/**
 * Resolves names as the system does, `/etc/hosts` included, but within a time limit. Without a reply of a DNS server,
 * the system takes half a minute, and the lookup cannot be cancelled.
 */
import { ChronyConnectionError, ChronyError, ChronyTimeoutError } from '../errors.ts';
import { isDenial, systemError } from '../socket/system-error.ts';
import { type AbortSignalLike, abortable, throwIfAborted } from '../util/abort.ts';
import { clearTimeout, setTimeout } from '../util/timers.ts';
import { WaitQueue } from '../util/wait-queue.ts';

/** How long a name waits in the queue while no DNS server answers about any other name, in milliseconds. */
const STALLED_MS = 30_000;

type SystemLookup = (name: string) => Promise<readonly string[]>;

/** A name that waits in the queue. */
interface Waiting {
  readonly name: string;
  readonly begun: (found: Promise<readonly string[]>) => void;
  readonly failed: (reason: ChronyError) => void;
}

/**
 * Limits the number of simultaneous lookups to what the system can do. Other names wait in a queue here, where their
 * timeouts do not run yet. In the system's own queue they would time out together with the lookups before them.
 */
export class Lookups {
  readonly #system: SystemLookup;
  readonly #atOnce: number;
  /** By name: a second call for the same name waits for the same answer. */
  readonly #running = new Map<string, Promise<readonly string[]>>();
  readonly #queue: WaitQueue<Waiting>;

  constructor(system: SystemLookup, atOnce: number, stalledMs = STALLED_MS) {
    this.#system = system;
    this.#atOnce = atOnce;
    this.#queue = new WaitQueue(stalledMs, ({ name, failed }) =>
      failed(tooLate(name, `about any name in ${stalledMs} ms`)),
    );
  }

  /**
   * @param ms - how long to wait once the system has begun the lookup
   * @param signal - ends the wait at once, with its reason
   * @throws ChronyConnectionError (`ERR_CHRONY_RESOLVE`), a ChronyTimeoutError if it took too long.
   */
  async find(name: string, ms: number, signal: AbortSignalLike): Promise<readonly string[]> {
    throwIfAborted(signal);
    let timer: NodeJS.Timeout | undefined;
    try {
      const found = this.#begin(name) ?? (await this.#turn(name, signal)).found;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(tooLate(name, `in ${ms} ms`)), ms);
      });
      return await abortable(Promise.race([found, late]), signal);
    } catch (error) {
      throw signal.aborted || error instanceof ChronyError ? error : explained(name, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Begins a lookup, or joins one of the same name. Null if the limit is reached. */
  #begin(name: string): Promise<readonly string[]> | null {
    const same = this.#running.get(name);
    if (same !== undefined) return same;
    if (this.#running.size >= this.#atOnce) return null;
    const found = this.#system(name);
    this.#running.set(name, found);
    found.then(
      () => this.#ended(name, true),
      (error: NodeJS.ErrnoException) => this.#ended(name, error.code !== 'EAI_AGAIN'),
    );
    return found;
  }

  /** @param isAnswered - true if a DNS server or a file gave an answer, even a negative one */
  #ended(name: string, isAnswered: boolean): void {
    this.#running.delete(name);
    if (isAnswered) this.#queue.progress();
    for (const waiting of this.#queue) {
      const found = this.#begin(waiting.name);
      if (found === null) break;
      this.#queue.delete(waiting);
      waiting.begun(found);
    }
  }

  /**
   * Waits for the turn of a name. Returns the lookup in an object, because `await` would wait for a bare promise,
   * too.
   */
  async #turn(
    name: string,
    signal: AbortSignalLike,
  ): Promise<{ readonly found: Promise<readonly string[]> }> {
    let waiting: Waiting | undefined;
    const turn = new Promise<{ readonly found: Promise<readonly string[]> }>((resolve, reject) => {
      waiting = { name, begun: (found) => resolve({ found }), failed: reject };
      this.#queue.add(waiting);
    });
    try {
      return await abortable(turn, signal);
    } finally {
      if (waiting !== undefined) this.#queue.delete(waiting);
    }
  }
}

function tooLate(name: string, when: string): ChronyTimeoutError {
  return new ChronyTimeoutError(
    `cannot resolve the name '${name}': no answer ${when}; check this machine's DNS, or give an IP address`,
    { code: 'ERR_CHRONY_RESOLVE' },
  );
}

function explained(name: string, cause: unknown): ChronyError {
  if (cause instanceof Error && isDenial(cause)) return systemError(`looking up '${name}'`, cause);
  return new ChronyConnectionError(
    `cannot resolve the name '${name}': check its spelling and this machine's DNS`,
    { code: 'ERR_CHRONY_RESOLVE', cause },
  );
}

/**
 * The number of simultaneous lookups. Node.js uses half of libuv's threads, Bun as many or more. Deno has hundreds of
 * threads, and may deny access to the environment.
 */
function lookupLimit(): number {
  if (process.versions['deno'] !== undefined) return 100;
  const threads = Number.parseInt(process.env['UV_THREADPOOL_SIZE'] ?? '4', 10);
  return threads > 1 ? Math.floor((threads + 1) / 2) : 1;
}

/** Shared by the whole process, because the system's queue is shared, too. */
export const lookups = new Lookups(async (name) => {
  // imported on first use: the import takes time, and most addresses are not names
  const { lookup } = await import('node:dns/promises');
  return (await lookup(name, { all: true })).map(({ address }) => address);
}, lookupLimit());
