/** Plays events on a simulated machine with an estimate, and records the history that the status table needs. */
import type { BoundedTime, ClockStatus } from '../../../src/clock/bounded-time.ts';
import { Estimate } from '../../../src/clock/estimate.ts';
import { History } from '../../../src/clock/history.ts';
import { ChronyError, ChronyTimeoutError, type TrackingStatus } from '../../../src/index.ts';
import { type Event, happen } from './events.ts';
import { MAX_DRIFT_PPM, World } from './world.ts';

/** 2026-11-25, noon: far from the end of a day. */
export const NOON = 1_795_608_000_000_000_000n;

/** A report of chronyd. */
export interface Report {
  /** The time of the request, by the monotonic clock. */
  readonly requestedAt: bigint;
  readonly status: TrackingStatus;
  /** The seconds from the reference time to the reply. */
  readonly age: number;
  /** Seconds between polls; null if not reported. */
  readonly poll: number | null;
}

/** The clocks at one moment. */
type Reading = Pick<World, 'wallNs' | 'trueNs' | 'awakeNs'>;

/** How long past moments are checked. */
const MEMORY_NS = 1_000_000_000_000n;

export class Simulation {
  readonly world: World;
  readonly estimate: Estimate;
  readonly past: History;
  /** The events in order: reports of chronyd, steps of a clock and pauses. */
  readonly history: (Report | 'step' | 'pause')[] = [];
  /** The number of checks with an interval. */
  held = 0;
  /** The number of checks with an interval at a past moment. */
  remembered = 0;
  #readings: readonly Reading[] = [];

  /** @param error - true time less wall clock, in ns */
  constructor(error: bigint, slewPpm: number, start = NOON, maxClockErrorPpm = MAX_DRIFT_PPM) {
    this.world = new World(start, error, slewPpm, maxClockErrorPpm);
    const settings = { maxDriftPpm: MAX_DRIFT_PPM, allowLocal: false };
    this.past = new History(this.world, MAX_DRIFT_PPM);
    this.estimate = new Estimate(this.world, settings, (level) => this.past.add(level), this.world);
  }

  async play(event: Event): Promise<void> {
    const { world } = this;
    if (event.kind === 'interrupt') world.interrupt(event.readings, () => happen(world, event.event));
    else if (event.kind === 'ask') await this.ask(event);
    else if (event.kind === 'fail') await this.fail(event.ns);
    else if (event.kind === 'pause') {
      world.pause(event.ns);
      this.history.push('pause');
      // a bounded clock does this periodically
      this.estimate.refresh();
    } else {
      happen(world, event);
      if (isStep(event.kind)) this.history.push('step');
    }
  }

  /** Queries chronyd, with events before and after chronyd reads the clock. */
  async ask({ before, after, noise, poll }: Extract<Event, { kind: 'ask' }>): Promise<void> {
    const { world } = this;
    const requestedAt = world.awakeNs;
    const steps = [...before, ...after].filter(({ kind }) => isStep(kind));
    const sampler = {
      tracking: async () => {
        for (const each of before) happen(world, each);
        const status = world.tracking(noise);
        for (const each of after) happen(world, each);
        const age = Number(world.wallNs) / 1e9 + status.offset - status.refTime;
        if (steps.length === 0) this.history.push({ requestedAt, status, age, poll });
        return status;
      },
      selected: async () => (poll === null ? null : { pollSeconds: poll, measurement: world.measurement() }),
    };
    await this.estimate.sample(sampler, new AbortController().signal);
    // the report may be from before the step
    if (steps.length > 0) this.history.push('step');
  }

  /** Queries chronyd, which does not answer for `ns`. */
  async fail(ns: bigint): Promise<void> {
    const silent = {
      tracking: async () => {
        this.world.pass(ns);
        throw new ChronyTimeoutError('no answer');
      },
      selected: async () => null,
    };
    await this.estimate.sample(silent, new AbortController().signal).catch((error: unknown) => {
      if (!(error instanceof ChronyTimeoutError)) throw error;
    });
  }

  /** Checks that the interval, if any, contains a true time during the call, because time passes in the call. */
  check(): void {
    const before = this.world.trueNs;
    const time = this.#now();
    const after = this.world.trueNs;
    if (time === null) return;
    this.held++;
    if (time.latest >= before && time.earliest <= after) return;
    throw new Error(
      `true time is ${before} to ${after}, not ${time.earliest} to ${time.latest} (${time.status})`,
    );
  }

  /** Reads the wall clock, and checks that the interval at each reading of the last 1000 s contains the true time. */
  checkPast(): void {
    const { wallNs, trueNs, awakeNs } = this.world;
    this.#readings = [...this.#readings, { wallNs, trueNs, awakeNs }].filter(
      (reading) => reading.awakeNs > awakeNs - MEMORY_NS,
    );
    for (const reading of this.#readings) {
      const time = this.at(reading.wallNs);
      if (time === null) continue;
      this.remembered++;
      if (time.latest >= reading.trueNs && time.earliest <= reading.trueNs) continue;
      throw new Error(
        `at ${reading.wallNs} true time was ${reading.trueNs}, not ${time.earliest} to ${time.latest} (${time.status})`,
      );
    }
  }

  /** The interval at a past moment, as from `BoundedClock.at()`; null if there is no interval. */
  at(moment: bigint): BoundedTime | null {
    try {
      this.estimate.now();
      return this.past.at(moment);
    } catch (error) {
      if (error instanceof RangeError) return null;
      if (error instanceof ChronyError && error.code === 'ERR_CHRONY_NO_BOUND') return null;
      throw error;
    }
  }

  get status(): ClockStatus {
    return this.#now()?.status ?? this.estimate.refresh().status;
  }

  #now(): BoundedTime | null {
    try {
      return this.estimate.now();
    } catch (error) {
      if (error instanceof ChronyError && error.code === 'ERR_CHRONY_NO_BOUND') return null;
      throw error;
    }
  }
}

function isStep(kind: Event['kind']): boolean {
  return kind === 'step' || kind === 'suspend';
}
