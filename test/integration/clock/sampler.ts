/** Samples of a clock, each held against the true time. */
import { type BoundedClock, ChronyError } from '../../../src/index.ts';
import type { TrueTime } from './true-time.ts';

const TURN_MS = 10;

/** Takes samples of a clock, whatever else goes on. */
export class Sampler {
  /** How many there were of each status. */
  readonly counts = { synchronized: 0, freeRunning: 0, unknown: 0 };
  /** Those that did not hold the truth. */
  readonly wrong: object[] = [];
  readonly #truth: TrueTime;
  readonly #turn: number;

  /** @param turn - how many at once, every 10 ms */
  constructor(truth: TrueTime, turn: number) {
    this.#truth = truth;
    this.#turn = turn;
  }

  get held(): number {
    return this.counts.synchronized + this.counts.freeRunning;
  }

  /** Takes them while something is going on. */
  async during(phase: string, clock: BoundedClock, work: () => Promise<unknown>): Promise<void> {
    const timer = setInterval(() => {
      for (let i = 0; i < this.#turn; i++) this.#sample(phase, clock);
    }, TURN_MS);
    await work().finally(() => clearInterval(timer));
  }

  #sample(phase: string, clock: BoundedClock): void {
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
