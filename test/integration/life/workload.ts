/**
 * A program at work on one connection: a watch, and calls that are always in flight. It keeps account of all
 * of them, so that what happens to chronyd meanwhile can be seen to lose none.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ChronyConnection, ChronyError } from '../../../src/index.ts';

/** How many calls are in flight at any moment, beside the watch. */
const BUSY = 4;
/** Soon over where nothing answers, and long enough for a chronyd that has to share its processor. */
const PATIENCE = { timeoutMs: 800, retries: 1 };
/** Between two calls of the same worker after a failure, which may come at once. */
const BREATH_MS = 5;

export interface Account {
  /** Calls that were started, and that came to an end either way. */
  readonly started: number;
  readonly answered: number;
  readonly failed: number;
  /** Values of the watch. */
  readonly turns: number;
  readonly failedTurns: number;
  /** The names of the errors that there were. */
  readonly kinds: readonly string[];
  /** What was thrown or given and is no error of this package, and what nobody caught. */
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

  /** Opens the connection, and returns once it is all under way. */
  static async start(address: string): Promise<Workload> {
    const workload = new Workload(await ChronyConnection.open({ address, ...PATIENCE }));
    await workload.answers();
    return workload;
  }

  get account(): Account {
    return { ...this.#account, kinds: [...this.#kinds].sort(), foreign: this.#foreign };
  }

  /** Waits until at least this many more calls were answered, and a turn of the watch. */
  answers(count = 20): Promise<void> {
    const { answered, turns, failedTurns } = this.#account;
    return this.#until('answers', () => {
      const now = this.#account;
      return now.answered >= answered + count && now.turns - now.failedTurns > turns - failedTurns;
    });
  }

  /** Waits until at least one more call has failed, and a turn of the watch. */
  fails(): Promise<void> {
    const { failed, failedTurns } = this.#account;
    return this.#until(
      'failures',
      () => this.#account.failed > failed && this.#account.failedTurns > failedTurns,
    );
  }

  /**
   * Lets the calls end that started before chronyd was there again: whatever starts now must be answered.
   *
   * @throws ChronyError if it is not.
   */
  async recovers(): Promise<void> {
    await Promise.allSettled([...this.#inFlight]);
    for (let i = 0; i < 20; i++) await this.#counted(this.connection.getTracking());
    await this.answers();
  }

  /** Closes the connection amid all that, and waits for everything that was started. */
  async close(): Promise<Account> {
    this.#stopped = true;
    await this.connection.close();
    await Promise.all(this.#work);
    await Promise.allSettled([...this.#inFlight]);
    // what nobody caught is told a turn later
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
      await this.#counted(call()).catch(() => sleep(BREATH_MS));
    }
  }

  /** Books a call on the account, and passes on what it comes to. */
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
