/** The addresses of the names that clients ask for: looked up rarely, few at a time, in bounded time and memory. */
import { lookup } from 'node:dns/promises';
import { canonicalAddress } from '../socket/canonical-address.ts';
import { clearTimeout, monotonicMs, setTimeout } from '../util/timers.ts';

/** A name is not looked up again for this time. */
const FRESH_MS = 1000;
/** After this time without an answer, the addresses of the last answer are used. */
const STALE_AFTER_MS = 500;
/** How many names are remembered; the one that was looked up least recently is forgotten first. */
const MAX_NAMES = 1024;
/** As many as Node.js looks up at once. The other names wait here, where clients take turns, and not in its queue. */
const AT_ONCE = 2;

interface Answer {
  /** Canonical; empty if the name does not resolve. */
  readonly addresses: readonly string[];
  /** By monotonicMs(). */
  readonly time: number;
}

interface Lookup {
  /** The client that asked first. */
  readonly client: string;
  readonly answer: Promise<Answer>;
  readonly begin: () => void;
  isRunning: boolean;
  /** How many requests wait for it. */
  waiting: number;
}

export class Resolver {
  /** By name, the oldest answer first. */
  readonly #answers = new Map<string, Answer>();
  /** By name, the first that was asked for first. */
  readonly #lookups = new Map<string, Lookup>();

  /**
   * The addresses of a name; none if it does not resolve, or not in time.
   *
   * @param client - the client that asks: names take turns by client
   * @param waitMs - for how long to wait
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
      // the system cannot be told to stop
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

  /** Begins waiting lookups while fewer than `AT_ONCE` run: first the oldest one of a client that has none running. */
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
