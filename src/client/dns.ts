/**
 * Names to addresses, as the system does it, `/etc/hosts` included, but in bounded time. Where no DNS server answers, the
 * system takes half a minute, and it cannot be told to stop.
 */
import { ChronyConnectionError, ChronyError, ChronyTimeoutError } from '../errors.ts';
import { isDenial, systemError } from '../socket/system-error.ts';
import { type AbortSignalLike, abortable, throwIfAborted } from '../util/abort.ts';
import { clearTimeout, setTimeout } from '../util/timers.ts';
import { WaitQueue } from '../util/wait-queue.ts';

/** How long a name waits for its turn while no DNS server answers about any other. */
const STALLED_MS = 30_000;

type SystemLookup = (name: string) => Promise<readonly string[]>;

/** A name that waits for its turn. */
interface Waiting {
  readonly name: string;
  readonly begun: (found: Promise<readonly string[]>) => void;
  readonly failed: (reason: ChronyError) => void;
}

/**
 * Has the system look up no more names at once than it can. Others wait in a queue here, where their time is not counted
 * yet: inside the system's own queue they would seem to be as dead as those before them.
 */
export class Lookups {
  readonly #system: SystemLookup;
  readonly #atOnce: number;
  /** By name: a second call for a name that is being looked up waits for the same answer. */
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
   * @param ms - how long to wait once the system has begun
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

  /** Null if there is no room for it. */
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

  /** @param isAnswered - a DNS server, or a file, had an answer */
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

  /** The lookup in an object: a promise of it would be waited for. */
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

/** Node.js uses half of libuv's threads, Bun as many or more; Deno has hundreds, and the environment may be denied it. */
function howManyAtOnce(): number {
  if (process.versions['deno'] !== undefined) return 100;
  const threads = Number.parseInt(process.env['UV_THREADPOOL_SIZE'] ?? '4', 10);
  return threads > 1 ? Math.floor((threads + 1) / 2) : 1;
}

/** Of this process: it has only one line. */
export const lookups = new Lookups(async (name) => {
  // loaded when it is needed: it takes time, and most addresses are not names
  const { lookup } = await import('node:dns/promises');
  return (await lookup(name, { all: true })).map(({ address }) => address);
}, howManyAtOnce());
