/** Surveys one chronyd for whoever wants to know: once for all who do at the same time. */
// imported, so that a test's fake timers do not stop it
import { clearTimeout, setTimeout } from 'node:timers';
import {
  ChronyConnection,
  ChronyConnectionError,
  type ChronyError,
  type ChronyOptions,
  ChronyTimeoutError,
  type ReportName,
} from 'chrony-wasm';
import { parseAddress } from '../client/address.ts';
import { MAX_TIMEOUT_MS, numberInRange, readOptions } from '../client/options.ts';
import { monotonicMs } from '../util/timers.ts';
import { isOff, type Outcomes, REPORTS, type Survey, survey } from './snapshot.ts';

/** Which chronyd is asked for what, and for how long. */
export interface SurveyorOptions extends Omit<ChronyOptions, 'signal'> {
  /** Which reports. Default all ten. */
  readonly reports?: readonly ReportName[] | undefined;
  /**
   * No survey takes longer, in milliseconds, 1 or more; what is not answered by then has failed. Default 4000.
   */
  readonly limitMs?: number | undefined;
  /** Told once of each report that chronyd refuses to give to us, or is too old to have. */
  readonly onRefused?: ((name: ReportName, error: ChronyError) => void) | undefined;
}

/** A report that is refused is not asked for again so soon, unless chronyd was away meanwhile. */
const REFUSED_MS = 600_000;

interface Refusal {
  readonly error: ChronyError;
  /** By monotonicMs(). */
  readonly until: number;
}

export class Surveyor implements AsyncDisposable {
  /** Those that it asks for. */
  readonly reports: readonly ReportName[];
  readonly #connection: ChronyOptions;
  readonly #limitMs: number;
  readonly #onRefused: (name: ReportName, error: ChronyError) => void;
  readonly #refusals = new Map<ReportName, Refusal>();
  /** Of which refusals it has been told. */
  readonly #told = new Set<ReportName>();
  readonly #closing = new AbortController();
  #chrony: Promise<ChronyConnection> | null = null;
  #address: string | null = null;
  #last: { readonly survey: Survey; readonly start: number } | null = null;
  #underWay: Promise<Survey> | null = null;

  /**
   * Asks nobody yet.
   *
   * @throws TypeError, RangeError for options of the wrong type or range.
   * @throws ChronyConnectionError for an address that cannot be read.
   */
  constructor({
    reports = REPORTS,
    limitMs = 4000,
    onRefused = () => {},
    ...connection
  }: SurveyorOptions = {}) {
    const { address } = readOptions(connection);
    if (address) parseAddress(address);
    if (typeof onRefused !== 'function') {
      throw new TypeError(`onRefused must be a function, not ${typeof onRefused}`);
    }
    this.reports = readReports(reports);
    this.#connection = connection;
    this.#limitMs = numberInRange('limitMs', limitMs, 1, MAX_TIMEOUT_MS, false);
    this.#onRefused = onRefused;
  }

  /** Of the chronyd that is asked, e.g. `127.0.0.1:323`; null before it is found. */
  get address(): string | null {
    return this.#address;
  }

  /** The last survey; null before the first has ended. */
  get last(): Survey | null {
    return this.#last?.survey ?? null;
  }

  /**
   * The last survey if it began no longer ago than that, or else the one that is under way, or else a new one. What
   * goes wrong is in the survey.
   *
   * @param patienceMs - for how long to wait: after that, a survey in which all that was asked has failed. The one that
   *   is under way goes on, for others.
   */
  take(maxAgeMs = 0, patienceMs = Number.POSITIVE_INFINITY): Promise<Survey> {
    const last = this.#last;
    if (last !== null && monotonicMs() - last.start <= maxAgeMs) return Promise.resolve(last.survey);
    this.#underWay ??= this.#survey().finally(() => {
      this.#underWay = null;
    });
    return patienceMs < this.#limitMs ? this.#inTime(this.#underWay, patienceMs) : this.#underWay;
  }

  /** Ends what is under way, which fails. */
  async close(): Promise<void> {
    this.#closing.abort(new ChronyConnectionError('the surveyor of chronyd is closed'));
    await this.#underWay;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #survey(): Promise<Survey> {
    const start = monotonicMs();
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new ChronyTimeoutError(`chronyd did not answer all that was asked in ${this.#limitMs} ms`));
    }, this.#limitMs);
    const refused = this.#refusedAt(start);
    const asked = this.reports.filter((name) => !(name in refused));
    const { reports, ...taken } = await survey(() => this.#connect(), asked, limit.signal).finally(() =>
      clearTimeout(timer),
    );
    const whole = { ...taken, reports: { ...refused, ...reports } };
    this.#remember(reports, start);
    this.#last = { survey: whole, start };
    return whole;
  }

  /** The survey; or, if it is not there in that time, one in which all that was asked has failed. */
  #inTime(underWay: Promise<Survey>, ms: number): Promise<Survey> {
    const time = Date.now() / 1000;
    const seconds = ms / 1000;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Survey>((resolve) => {
      timer = setTimeout(() => {
        const error = new ChronyTimeoutError(
          `chronyd did not answer in the ${Math.round(ms)} ms that there were for it`,
        );
        const failed = this.reports.map((name) => [name, { value: null, error, seconds }] as const);
        const reports = { ...Object.fromEntries(failed), ...this.#refusedAt(monotonicMs()) };
        resolve({ time, seconds, reports });
      }, ms);
    });
    return Promise.race([underWay, late]).finally(() => clearTimeout(timer));
  }

  /** Of the reports that are refused, and not to be asked for again yet. */
  #refusedAt(now: number): Outcomes {
    const refusals = [...this.#refusals].filter(([, { until }]) => now < until);
    return Object.fromEntries(
      refusals.map(([name, { error }]) => [name, { value: null, error, seconds: 0 }]),
    );
  }

  #remember(reports: Outcomes, start: number): void {
    const errors = Object.values(reports).map(({ error }) => error);
    // perhaps it is another chronyd that answers next
    if (errors.some((error) => error !== null && !isOff(error))) this.#refusals.clear();
    for (const name of this.reports) {
      const error = reports[name]?.error;
      if (error === null) this.#refusals.delete(name);
      if (!error || !isOff(error)) continue;
      this.#refusals.set(name, { error, until: start + REFUSED_MS });
      if (this.#told.has(name)) continue;
      this.#told.add(name);
      this.#onRefused(name, error);
    }
  }

  /** One that fails to open is tried again the next time. */
  async #connect(): Promise<ChronyConnection> {
    this.#chrony ??= ChronyConnection.open({ ...this.#connection, signal: this.#closing.signal }).catch(
      (error: unknown) => {
        this.#chrony = null;
        throw error;
      },
    );
    const chrony = await this.#chrony;
    this.#address = chrony.address;
    return chrony;
  }
}

/** Each once, in their order. */
function readReports(names: readonly ReportName[]): readonly ReportName[] {
  if (!Array.isArray(names)) throw new TypeError(`reports must be an array of names, not ${typeof names}`);
  const unknown = names.find((name) => !REPORTS.includes(name));
  if (unknown === undefined) return REPORTS.filter((name) => names.includes(name));
  throw new RangeError(`there is no report '${unknown}'; the reports are: ${REPORTS.join(', ')}`);
}
