/** Resolves the names that clients request, with few concurrent look-ups and in bounded time and memory. */
import { lookup } from 'node:dns/promises';
import { canonicalAddress } from '../socket/canonical-address.ts';
import { clearTimeout, monotonicMs, setTimeout } from '../util/timers.ts';

/** A name is not looked up again for this time. */
const FRESH_MS = 1000;
/** After this time without an answer, the addresses of the last answer are used. */
const STALE_AFTER_MS = 500;
/** The number of names that are remembered. The name that was looked up least recently is forgotten first. */
const MAX_NAMES = 1024;
/**
 * The number of concurrent look-ups, which is that of Node.js. The other names wait here, where clients take turns,
 * not in the queue of Node.js.
 */
const AT_ONCE = 2;

interface Answer {
  /** The addresses in canonical form; empty if the name does not resolve. */
  readonly addresses: readonly string[];
  /** By monotonicMs(). */
  readonly time: number;
}

interface Lookup {
  /** The client that requested the name first. */
  readonly client: string;
  readonly answer: Promise<Answer>;
  readonly begin: () => void;
  isRunning: boolean;
  /** The number of requests that wait for it. */
  waiting: number;
}

export class Resolver {
  /** By name, the oldest answer first. */
  readonly #answers = new Map<string, Answer>();
  /** By name, the first requested first. */
  readonly #lookups = new Map<string, Lookup>();

  /**
   * Returns the addresses of a name; none if it does not resolve in time.
   *
   * @param client - the requesting client; look-ups take turns by client
   * @param waitMs - the maximum time to wait
   */
  async find(name: string, client: string, waitMs: number): Promise<readonly string[]> {
    const last = this.#answers.get(name);
    if (last !== undefined && monotonicMs() - last.time <= FRESH_MS) return last.addresses;
    const isUsable = last !== undefined && last.addresses.length > 0;
    const answer = await this.#wait(name, client, isUsable ? Math.min(STALE_AFTER_MS, waitMs) : waitMs);
    return (answer ?? last)?.addresses ?? [];
  }

  /** Null if there is no answer in time. */
  async #wait(name: string, client: string, ms: number): Promise<Answer | null> {
    const lookup = this.#lookups.get(name) ?? this.#add(name, client);
    lookup.waiting++;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), ms);
    });
    try {
      return await Promise.race([lookup.answer, late]);
    } finally {
      clearTimeout(timer);
      lookup.waiting--;
      // a running look-up cannot be canceled
      if (lookup.waiting === 0 && !lookup.isRunning) this.#lookups.delete(name);
    }
  }

  #add(name: string, client: string): Lookup {
    let begin = (): void => {};
    const turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const lookup = { client, answer: turn.then(() => this.#ask(name)), begin, isRunning: false, waiting: 0 };
    this.#lookups.set(name, lookup);
    this.#beginMore();
    return lookup;
  }

  /**
   * Starts waiting look-ups while fewer than `AT_ONCE` run. The oldest look-up of a client with none running comes
   * first.
   */
  #beginMore(): void {
    const lookups = [...this.#lookups.values()];
    const running = lookups.filter(({ isRunning }) => isRunning);
    if (running.length >= AT_ONCE) return;
    const waiting = lookups.filter(({ isRunning }) => !isRunning);
    const next =
      waiting.find(({ client }) => running.every((other) => other.client !== client)) ?? waiting[0];
    if (next === undefined) return;
    next.isRunning = true;
    next.begin();
    this.#beginMore();
  }

  async #ask(name: string): Promise<Answer> {
    const answer = { addresses: await this.#addressesOf(name), time: monotonicMs() };
    this.#lookups.delete(name);
    this.#answers.delete(name);
    this.#answers.set(name, answer);
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined && this.#answers.size > MAX_NAMES) this.#answers.delete(oldest);
    this.#beginMore();
    return answer;
  }

  async #addressesOf(name: string): Promise<readonly string[]> {
    try {
      const found = await lookup(name, { all: true });
      return [...new Set(found.map(({ address }) => canonicalAddress(address)))];
    } catch (error) {
      const isUnanswered = (error as NodeJS.ErrnoException).code === 'EAI_AGAIN';
      return (isUnanswered ? this.#answers.get(name)?.addresses : undefined) ?? [];
    }
  }
}
