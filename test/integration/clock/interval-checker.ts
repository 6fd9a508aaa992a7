/** Checks the intervals of a clock against the true time. */
import { type BoundedClock, ChronyError } from '../../../src/index.ts';
import type { TrueTime } from './true-time.ts';

const TURN_MS = 10;

/** Checks many intervals of a clock while chronyd is disturbed. */
export class IntervalChecker {
  /** The number of intervals of each status. */
  readonly counts = { synchronized: 0, freeRunning: 0, disrupted: 0, unknown: 0 };
  /** The intervals that did not contain the true time. */
  readonly wrong: object[] = [];
  readonly #truth: TrueTime;
  readonly #turn: number;

  /** @param turn - the number of intervals to check every 10 ms */
  constructor(truth: TrueTime, turn: number) {
    this.#truth = truth;
    this.#turn = turn;
  }

  get held(): number {
    return this.counts.synchronized + this.counts.freeRunning;
  }

  /** Checks intervals until `work` has ended. */
  async during(phase: string, clock: BoundedClock, work: () => Promise<unknown>): Promise<void> {
    const timer = setInterval(() => {
      for (let i = 0; i < this.#turn; i++) this.#check(phase, clock);
    }, TURN_MS);
    await work().finally(() => clearInterval(timer));
  }

  #check(phase: string, clock: BoundedClock): void {
    const before = process.hrtime.bigint();
    try {
      const time = clock.now();
      const { earliest } = this.#truth.at(before);
      const { latest } = this.#truth.at(process.hrtime.bigint());
      this.counts[time.status]++;
      if (earliest > time.latest || latest < time.earliest) {
        this.wrong.push({ phase, truth: [earliest, latest], ...time });
      }
    } catch (error) {
      if (!(error instanceof ChronyError)) throw error;
      this.counts.unknown++;
    }
  }
}
