/**
 * Names to addresses, as the system does it, `/etc/hosts` included, but in bounded time. Where no DNS server answers, the
 * system takes half a minute, and it cannot be told to stop.
 */
// imported, so that a test's fake timers do not stop it
import { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers';
import { ChronyConnectionError, ChronyError, ChronyTimeoutError } from '../errors.ts';
import { isDenial, systemError } from '../socket/system-error.ts';
import { abortable } from '../util/abort.ts';

/** Who stands in line that long while no DNS server answers about any name gives up. */
const STALLED_MS = 30_000;

type SystemLookup = (name: string) => Promise<readonly string[]>;

/** One that the system is at. */
interface Running {
  readonly found: Promise<readonly string[]>;
}

/**
 * Has the system look up no more names at once than it can. Others stand in line here, where their time is not counted
 * yet: inside the system's own line they would seem to be as dead as those before them.
 */
export class Lookups {
  readonly #system: SystemLookup;
  readonly #atOnce: number;
  readonly #stalledMs: number;
  /** By name: who wants the same one waits for it, too. */
  readonly #running = new Map<string, Running>();
  /** Each begins when it is called. */
  readonly #line = new Set<() => void>();
  /** How often a DNS server, or a file, had an answer. */
  #answers = 0;

  constructor(system: SystemLookup, atOnce: number, stalledMs = STALLED_MS) {
    this.#system = system;
    this.#atOnce = atOnce;
    this.#stalledMs = stalledMs;
  }

  /**
   * @param ms - how long to wait once the system is at it
   * @param signal - ends the wait at once, with its reason
   * @throws ChronyConnectionError (`ERR_CHRONY_RESOLVE`), a ChronyTimeoutError if it took too long.
   */
  async find(name: string, ms: number, signal: AbortSignal): Promise<readonly string[]> {
    signal.throwIfAborted();
    const { found } = this.#begin(name) ?? (await this.#turn(name, signal));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(tooLate(name, `in ${ms} ms`)), ms);
    });
    try {
      return await abortable(Promise.race([found, late]), signal);
    } catch (error) {
      throw signal.aborted || error instanceof ChronyError ? error : explained(name, error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Null if there is no room for it. */
  #begin(name: string): Running | null {
    const same = this.#running.get(name);
    if (same !== undefined) return same;
    if (this.#running.size >= this.#atOnce) return null;
    const running = { found: this.#system(name) };
    const ended = (answers: number): void => {
      this.#answers += answers;
      this.#running.delete(name);
      for (const begin of this.#line) {
        if (this.#running.size >= this.#atOnce) break;
        begin();
      }
    };
    running.found.then(
      () => ended(1),
      (error: NodeJS.ErrnoException) => ended(error.code === 'EAI_AGAIN' ? 0 : 1),
    );
    this.#running.set(name, running);
    return running;
  }

  async #turn(name: string, signal: AbortSignal): Promise<Running> {
    let begin = (): void => {};
    let timer: NodeJS.Timeout | undefined;
    const turn = new Promise<Running>((resolve, reject) => {
      begin = () => {
        const running = this.#begin(name);
        if (running === null) return;
        this.#line.delete(begin);
        resolve(running);
      };
      this.#line.add(begin);
      let seen = this.#answers;
      timer = setInterval(() => {
        if (seen === this.#answers) reject(tooLate(name, `about any name in ${this.#stalledMs} ms`));
        seen = this.#answers;
      }, this.#stalledMs);
    });
    try {
      return await abortable(turn, signal);
    } finally {
      clearInterval(timer);
      this.#line.delete(begin);
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
