/**
 * A story is a random simulation with a seed: the rate of the clock changes, networks become slow and asymmetric, sources
 * stop answering, chronyds are frozen and restarted. Throughout, the intervals of bounded clocks are checked against the
 * true time. The bound of ClockBound's formula is checked as well, for comparison.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedClock, type BoundedTime, ChronyConnection, ChronyError } from '../../../src/index.ts';
import { type Random, seededRandom } from '../../../src/testing/faults.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { NtpServer } from './ntp-server.ts';
import { TrueTime } from './true-time.ts';

/** The maximum of a drift and of a change of the drift. BoundedClock's default allows for more. */
const DRIFT_PPM = 49;
const MAX_DRIFT_PPM = 50;
const SAMPLE_MS = 100;
const TURN_MS = 10;
const STEADY_SCENES = ['drift', 'drift', 'frozen', 'restart'] as const;
const SCENES = [...STEADY_SCENES, 'network', 'network', 'gap', 'gap', 'source'] as const;
/** The maximum number of wrong intervals to show. */
const SHOWN = 5;

/** A chronyd of the story and its configuration. */
interface Character {
  readonly name: string;
  /** The number of its sources. */
  readonly sources: number;
  /** chronyd's `maxclockerror`, in ppm; null for its default. */
  readonly maxClockError: number | null;
  /** Whether there is another chronyd between it and the source. */
  readonly chained?: boolean;
  /** Whether it uses chronyd's default poll intervals. */
  readonly defaultPolls?: boolean;
}

function countOf(sources: number): string {
  return sources === 1 ? 'one source' : `${sources} sources`;
}

export const CHARACTERS: readonly Character[] = [1, 3].flatMap((sources) => [
  { name: `${countOf(sources)}, default configuration`, sources, maxClockError: null },
  { name: `${countOf(sources)}, maxclockerror 50`, sources, maxClockError: 50 },
]);

/**
 * The chronyd in between has `maxclockerror 50`, as the documentation recommends for servers. Requires `withoutGaps`:
 * after a gap in which the rate of the clock changed, this chronyd reports less error to its clients than it has.
 */
export const CHAINED: readonly Character[] = [
  { name: 'a chain, default configuration at its end', sources: 1, maxClockError: null, chained: true },
  { name: 'a chain, maxclockerror 50', sources: 1, maxClockError: 50, chained: true },
];

/** With chronyd's default poll intervals: one minute and more. */
export const SELDOM: readonly Character[] = [
  { name: 'default polls, default configuration', sources: 1, maxClockError: null, defaultPolls: true },
  { name: 'default polls, maxclockerror 50', sources: 1, maxClockError: 50, defaultPolls: true },
];

export interface StoryOptions {
  readonly seed: number;
  readonly characters: readonly Character[];
  readonly ms: number;
  /** The Debian suite of the chronyds. */
  readonly suite?: string;
  /** The number of intervals of each clock to check every 10 ms. */
  readonly turn: number;
  /**
   * The factor of the drift and of the permitted drift. A clock that drifts a hundred times as fast and is measured every
   * half second corresponds to a clock that is measured every 50 s over a network a hundred times as good.
   */
  readonly scale?: number;
  /** Whether the story excludes silent sources and networks so bad that chronyd discards its measurements. */
  readonly withoutGaps?: boolean;
  /** The mean length of a scene, in milliseconds. */
  readonly sceneMs?: number;
}

/** The results of a character's clock. */
export interface Outcome {
  readonly name: string;
  readonly version: string;
  /** The number of intervals, and the number of intervals that did not contain the true time. */
  held: number;
  wrong: number;
  /** The largest distance of the true time from a wrong interval, in ns. */
  worstNs: number;
  /** The same for ClockBound's formula. */
  formulaWrong: number;
  formulaWorstNs: number;
  /** The sums of the bounds, in ns. */
  boundNs: number;
  formulaNs: number;
  /** Some of the wrong intervals. */
  readonly shown: object[];
}

/** Plays a story to its end. */
export async function play(options: StoryOptions): Promise<readonly Outcome[]> {
  await using story = await Story.start(options);
  await story.play();
  return story.outcomes;
}

class Story implements AsyncDisposable {
  readonly #options: StoryOptions;
  readonly #random: Random;
  readonly #scale: number;
  readonly #truth: TrueTime;
  readonly #servers: NtpServer[] = [];
  readonly #between: Chronyd[] = [];
  readonly #clocks: Played[] = [];
  #driftPpm = 0;
  #scene = 'the start';

  static async start(options: StoryOptions): Promise<Story> {
    const story = new Story(options);
    try {
      await story.#start();
      return story;
    } catch (error) {
      await story[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(options: StoryOptions) {
    this.#options = options;
    this.#scale = options.scale ?? 1;
    this.#random = seededRandom(options.seed);
    // the initial error of the clock in milliseconds: near zero, slow or fast
    this.#truth = new TrueTime(this.#pick([0, 0, 0.02, -0.02, 3.2, -20]));
  }

  get outcomes(): readonly Outcome[] {
    return this.#clocks.map(({ outcome }) => outcome);
  }

  async #start(): Promise<void> {
    const { characters, seed } = this.#options;
    const count = Math.max(...characters.map(({ sources }) => sources));
    for (let i = 0; i < count; i++) {
      const server = await NtpServer.start(this.#truth, `127.0.0.${i + 1}`, seed + i);
      this.#servers.push(server);
      await server.network({ there: 0, back: 0 });
    }
    for (const character of characters) {
      this.#clocks.push(await this.#startClock(character));
    }
  }

  async #startClock(character: Character): Promise<Played> {
    const { name, sources, maxClockError, chained, defaultPolls } = character;
    const { suite } = this.#options;
    const scale = this.#scale;
    const polls = defaultPolls ? '' : 'minpoll -1 maxpoll -1';
    const from = (address: string, port: number): string => `server ${address} port ${port} iburst ${polls}`;
    const lines = this.#servers.slice(0, sources).map(({ address, port }) => from(address, port));
    if (chained) {
      const between = await Chronyd.start({
        config: [...lines.splice(0), `maxclockerror ${MAX_DRIFT_PPM * scale}`, ...ofScale(scale)],
        serve: true,
        suite,
      });
      this.#between.push(between);
      lines.push(from('127.0.0.1', between.ntpPort));
    }
    const clockError = maxClockError ?? (scale === 1 ? null : 1);
    const chronyd = await Chronyd.start({
      config: [
        ...lines,
        ...(clockError === null ? [] : [`maxclockerror ${clockError * scale}`]),
        ...ofScale(scale),
      ],
      suite,
    });
    const { address } = chronyd;
    const clock = await BoundedClock.start({
      address,
      maxDriftPpm: MAX_DRIFT_PPM * scale,
      intervalMs: SAMPLE_MS,
      timeoutMs: 400,
      retries: 1,
    });
    const connection = await ChronyConnection.open({ address, timeoutMs: 400, retries: 1 });
    return new Played(name, chronyd, clock, connection, MAX_DRIFT_PPM * scale);
  }

  async play(): Promise<void> {
    const { ms, turn } = this.#options;
    const end = performance.now() + ms;
    const checking = setInterval(() => {
      for (const clock of this.#clocks) {
        for (let i = 0; i < turn; i++) clock.check(this.#truth, this.#scene);
      }
    }, TURN_MS);
    const sampling = setInterval(() => {
      for (const clock of this.#clocks) clock.sample();
    }, SAMPLE_MS);
    try {
      while (performance.now() < end) await this.#nextScene();
    } finally {
      clearInterval(checking);
      clearInterval(sampling);
    }
  }

  async #nextScene(): Promise<void> {
    const length = (this.#options.sceneMs ?? 4000) * (0.25 + 1.5 * this.#random());
    const server = this.#pick(this.#servers);
    const { chronyd } = this.#pick(this.#clocks);
    switch (this.#pick<(typeof SCENES)[number]>(this.#options.withoutGaps ? STEADY_SCENES : SCENES)) {
      case 'drift':
        this.#scene = `a drift of ${await this.#changeDrift()} ppm`;
        break;
      case 'gap':
        this.#scene = `a gap of ${Math.round(length)} ms`;
        for (const each of this.#servers) await each.silence();
        if (this.#random() < 0.7) this.#scene += `, a drift of ${await this.#changeDrift()} ppm`;
        await sleep(length);
        this.#scene = `after ${this.#scene}`;
        for (const each of this.#servers) await each.network({ there: 0, back: 0 });
        break;
      case 'network': {
        const network = this.#pick([
          { there: 0, back: 0 },
          { there: 6 * this.#random(), back: 0 },
          { there: 0, back: 6 * this.#random() },
          { there: 3 * this.#random(), back: 3 * this.#random(), share: this.#random() },
        ]);
        this.#scene = `a network of ${JSON.stringify(network)}`;
        await server.network(network);
        break;
      }
      case 'source':
        this.#scene = `${server.address} is silent`;
        await server.silence();
        break;
      case 'frozen':
        this.#scene = 'a chronyd is frozen';
        chronyd.freeze();
        await sleep(length / 2);
        chronyd.thaw();
        break;
      case 'restart':
        this.#scene = 'a chronyd is restarted';
        await chronyd.kill('SIGKILL');
        await chronyd.run();
        break;
    }
    await sleep(length);
  }

  async #changeDrift(): Promise<number> {
    const limit = DRIFT_PPM * this.#scale;
    const low = Math.max(-limit, this.#driftPpm - limit);
    const high = Math.min(limit, this.#driftPpm + limit);
    this.#driftPpm = Math.round(this.#pick([low, high, 0, low + (high - low) * this.#random()]));
    this.#truth.driftPpm = this.#driftPpm;
    for (const server of this.#servers) await server.sendTime();
    return this.#driftPpm;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const clock of this.#clocks) await clock[Symbol.asyncDispose]();
    for (const each of [...this.#between, ...this.#servers]) await each[Symbol.asyncDispose]();
  }
}

/** The configuration that lets chronyd accept a clock with an unrealistic drift. */
function ofScale(scale: number): readonly string[] {
  return scale === 1 ? [] : ['maxupdateskew 1000000'];
}

/** A clock of the story and its results. */
class Played implements AsyncDisposable {
  readonly outcome: Outcome;
  readonly chronyd: Chronyd;
  readonly #clock: BoundedClock;
  readonly #connection: ChronyConnection;
  readonly #maxDriftPpm: number;
  /** The result of ClockBound's formula for the last sample. */
  #formula: { readonly asOf: bigint; readonly errorNs: number } | null = null;
  #isSampling = false;

  constructor(
    name: string,
    chronyd: Chronyd,
    clock: BoundedClock,
    connection: ChronyConnection,
    maxDriftPpm: number,
  ) {
    this.chronyd = chronyd;
    this.#clock = clock;
    this.#connection = connection;
    this.#maxDriftPpm = maxDriftPpm;
    this.outcome = {
      name,
      version: chronyd.version(),
      held: 0,
      wrong: 0,
      worstNs: 0,
      formulaWrong: 0,
      formulaWorstNs: 0,
      boundNs: 0,
      formulaNs: 0,
      shown: [],
    };
  }

  /** Queries chronyd for the data that ClockBound's formula needs. */
  async sample(): Promise<void> {
    if (this.#isSampling) return;
    this.#isSampling = true;
    try {
      const asOf = process.hrtime.bigint();
      const tracking = await this.#connection.getTracking();
      // without synchronization, ClockBound would report the clock as free running and keep the last bound
      if (tracking.isSynchronized()) this.#formula = { asOf, errorNs: tracking.maxError() * 1e9 };
    } catch (error) {
      if (!(error instanceof ChronyError)) throw error;
    } finally {
      this.#isSampling = false;
    }
  }

  check(truth: TrueTime, scene: string): void {
    const before = process.hrtime.bigint();
    const time = this.#now();
    if (time === null) return;
    const after = process.hrtime.bigint();
    const { earliest } = truth.at(before);
    const { latest } = truth.at(after);
    const { outcome } = this;
    const boundNs = Number(time.errorBoundNs);
    /** The distance of the true time from the interval, widened by `more` on each side. */
    const outside = (more: number): number =>
      Math.max(Number(earliest - time.latest), Number(time.earliest - latest)) - more;
    outcome.held++;
    const wrongNs = outside(0);
    if (wrongNs > 0) {
      outcome.wrong++;
      outcome.worstNs = Math.max(outcome.worstNs, wrongNs);
      if (outcome.shown.length < SHOWN) outcome.shown.push({ name: outcome.name, scene, wrongNs, ...time });
    }
    if (this.#formula === null) return;
    const { asOf, errorNs } = this.#formula;
    const formulaNs = errorNs + Number(after - asOf) * this.#maxDriftPpm * 1e-6;
    outcome.boundNs += boundNs;
    outcome.formulaNs += formulaNs;
    // the interval of the formula has the same midpoint and another half-width
    const formulaOutside = outside(formulaNs - boundNs);
    if (formulaOutside > 0) {
      outcome.formulaWrong++;
      outcome.formulaWorstNs = Math.max(outcome.formulaWorstNs, formulaOutside);
    }
  }

  /** Null while there is no bound. */
  #now(): BoundedTime | null {
    try {
      return this.#clock.now();
    } catch (error) {
      if (error instanceof ChronyError) return null;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clock.close();
    await this.#connection.close();
    await this.chronyd.stop();
  }
}
