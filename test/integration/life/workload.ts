/**
 * A workload on one connection: a watch and continuous calls. It counts all calls, so that a test can verify that no call
 * is lost during events of chronyd.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChronyConnection, ChronyError } from '../../../src/index.ts';

/** The number of concurrent calls, in addition to the watch. */
const BUSY = 4;
/** Short for a chronyd that does not answer, and long enough for one on a busy machine. */
const LIMITS = { timeoutMs: 800, retries: 1 };
/** The pause of a worker after a failed call, since calls may fail immediately. */
const PAUSE_MS = 5;

export interface Account {
  /** The numbers of calls that were started, answered and failed. */
  readonly started: number;
  readonly answered: number;
  readonly failed: number;
  /** The number of values of the watch, including failures. */
  readonly turns: number;
  readonly failedTurns: number;
  /** The names of the errors that occurred. */
  readonly kinds: readonly string[];
  /** Errors that are not of this package, and unhandled rejections. */
  readonly foreign: readonly unknown[];
}

export class Workload {
  readonly connection: ChronyConnection;
  #account = { started: 0, answered: 0, failed: 0, turns: 0, failedTurns: 0 };
  readonly #kinds = new Set<string>();
  readonly #foreign: unknown[] = [];
  readonly #inFlight = new Set<Promise<unknown>>();
  readonly #work: readonly Promise<void>[];
  #stopped = false;

  private constructor(connection: ChronyConnection) {
    this.connection = connection;
    process.on('unhandledRejection', this.#unhandled);
    this.#work = [this.#watch(), ...Array.from({ length: BUSY }, (_, i) => this.#beBusy(i))];
  }

  /** Opens the connection and waits for the first replies. */
  static async start(address: string): Promise<Workload> {
    const workload = new Workload(await ChronyConnection.open({ address, ...LIMITS }));
    await workload.answers();
    return workload;
  }

  get account(): Account {
    return { ...this.#account, kinds: [...this.#kinds].sort(), foreign: this.#foreign };
  }

  /** Waits until at least this many more calls and one more turn of the watch were answered. */
  answers(count = 20): Promise<void> {
    const { answered, turns, failedTurns } = this.#account;
    return this.#until('answers', () => {
      const now = this.#account;
      return now.answered >= answered + count && now.turns - now.failedTurns > turns - failedTurns;
    });
  }

  /** Waits until at least one more call and one more turn of the watch have failed. */
  fails(): Promise<void> {
    const { failed, failedTurns } = this.#account;
    return this.#until(
      'failures',
      () => this.#account.failed > failed && this.#account.failedTurns > failedTurns,
    );
  }

  /**
   * Waits for the calls that started before chronyd was back. Every call that starts afterwards must be answered.
   *
   * @throws ChronyError if a call fails.
   */
  async recovers(): Promise<void> {
    await Promise.allSettled([...this.#inFlight]);
    for (let i = 0; i < 20; i++) await this.#counted(this.connection.getTracking());
    await this.answers();
  }

  /** Closes the connection under load, and waits for all started calls. */
  async close(): Promise<Account> {
    this.#stopped = true;
    await this.connection.close();
    await Promise.all(this.#work);
    await Promise.allSettled([...this.#inFlight]);
    // unhandled rejections are reported one turn later
    await sleep(1);
    process.off('unhandledRejection', this.#unhandled);
    return this.account;
  }

  readonly #unhandled = (reason: unknown): void => {
    this.#foreign.push(reason);
  };

  async #beBusy(worker: number): Promise<void> {
    for (let i = worker; !this.#stopped; i++) {
      const { connection } = this;
      const call: (() => Promise<unknown>) | undefined = [
        () => connection.getTracking(),
        () => connection.getSources(),
        () => connection.getActivity(),
        () => connection.getReport('sourcestats'),
      ][i % 4];
      if (call === undefined) return;
      await this.#counted(call()).catch(() => sleep(PAUSE_MS));
    }
  }

  /** Counts a call, and returns its result or throws its error. */
  async #counted<T>(call: Promise<T>): Promise<T> {
    this.#account.started++;
    this.#inFlight.add(call);
    try {
      const answer = await call;
      this.#account.answered++;
      return answer;
    } catch (error) {
      this.#account.failed++;
      this.#judge(error);
      throw error;
    } finally {
      this.#inFlight.delete(call);
    }
  }

  async #watch(): Promise<void> {
    for await (const value of this.connection.watch('tracking', { intervalMs: 20 })) {
      this.#account.turns++;
      if (!(value instanceof Error)) continue;
      this.#account.failedTurns++;
      this.#judge(value);
    }
  }

  #judge(error: unknown): void {
    if (error instanceof ChronyError) this.#kinds.add(error.name);
    else this.#foreign.push(error);
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    const end = performance.now() + 60_000;
    while (!condition()) {
      if (performance.now() > end) throw new Error(`no ${what}: ${JSON.stringify(this.account)}`);
      await sleep(5);
    }
  }
}
