/** The estimate of the time: puts together what the clocks and chronyd say, in turns that others give it. */
import { ChronyError } from '../errors.ts';
import type { TrackingStatus } from '../reports/index.ts';
import type { Answer, Followed } from './answer.ts';
import type { BoundedTime } from './bounded-time.ts';
import { type Clocks, read } from './clocks.ts';
import { type Standing, Standings } from './standing.ts';
import { Timeline } from './timeline.ts';
import { isFine, search, WallOffset } from './wall-offset.ts';

/** The code of the error of a clock whose status is `unknown`. */
const NO_BOUND = 'ERR_CHRONY_NO_BOUND';

/** How often to search for the offset of the wall clock at first, and after a step. */
const SEARCHES = 10;

/** How chronyd is asked. */
export interface Questions {
  tracking(): Promise<TrackingStatus>;
  /** What chronyd followed at that answer; null if that is nothing, or is not to be had. */
  followed(status: TrackingStatus): Promise<Followed | null>;
}

export class Estimate {
  readonly #clocks: Clocks;
  readonly #maxDriftPpm: number;
  readonly #standings: Standings;
  readonly #changed: (standing: Standing) => void;
  #offset: WallOffset;
  #searches = SEARCHES;
  /** How often a clock was stepped. */
  #steps = 0;
  /** Null if the status is unknown. */
  #timeline: Timeline | null = null;

  /** @param changed - told how it stands whenever that was looked at */
  constructor(
    clocks: Clocks,
    { maxDriftPpm, allowLocal }: { readonly maxDriftPpm: number; readonly allowLocal: boolean },
    changed: (standing: Standing) => void,
  ) {
    this.#clocks = clocks;
    this.#maxDriftPpm = maxDriftPpm;
    this.#standings = new Standings(allowLocal, maxDriftPpm + clocks.slewPpm);
    this.#changed = changed;
    this.#offset = WallOffset.of(read(clocks));
  }

  /**
   * The time now.
   *
   * @throws ChronyError if the status is unknown.
   */
  now(): BoundedTime {
    const timeline = this.#timeline;
    if (timeline !== null) {
      const ns = timeline.elapsed(this.#clocks.monotonicNs());
      if (timeline.holds(ns, this.#clocks.wallMs())) return timeline.at(ns);
    }
    const { reason } = this.look();
    const next = this.#timeline;
    if (next === null) throw new ChronyError(`the time is unknown: ${reason}`, { code: NO_BOUND });
    return next.at(next.elapsed(this.#offset.at));
  }

  /** Reads the clocks, and sees how it stands now. */
  look(): Standing {
    const reading = read(this.#clocks);
    const known = this.#offset;
    const narrowed = known.narrowed(reading, this.#clocks.slewPpm);
    if (narrowed === null) {
      this.#offset = WallOffset.of(reading);
      this.#searches = SEARCHES;
      this.#steps++;
      this.#standings.stepped(Number(this.#offset.latest - known.latest) / 1e9);
    } else {
      this.#offset = narrowed;
    }
    const standing = this.#standings.at(this.#offset.at);
    const { bound } = standing;
    this.#timeline = bound && new Timeline(standing, bound, this.#maxDriftPpm, this.#clocks);
    this.#changed(standing);
    return standing;
  }

  /** Asks chronyd. @throws whatever the questions do, after having taken note of it. */
  async ask(questions: Questions): Promise<void> {
    this.look();
    if (this.#searches > 0) {
      this.#offset = search(this.#offset, this.#clocks);
      this.#searches = isFine(this.#offset) ? 0 : this.#searches - 1;
    }
    const { at: asOf } = this.#offset;
    const steps = this.#steps;
    const status = await questions.tracking().catch((error: unknown) => {
      if (error instanceof ChronyError) this.#standings.failed(error);
      this.look();
      throw error;
    });
    this.look();
    const { at } = this.#offset;
    const offset = this.#offset.widened(at - asOf, this.#clocks.slewPpm);
    const time = Number(offset.earliest + at) / 1e9 + status.offset;
    const answer: Answer = { status, time, followed: null };
    const followed = this.#standings.needsFollowed(answer) ? await questions.followed(status) : null;
    // it may be about the clock before the step
    if (this.#steps !== steps) return;
    this.#standings.answered({ ...answer, followed }, asOf, offset);
    this.look();
  }
}
