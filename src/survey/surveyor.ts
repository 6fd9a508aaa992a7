/** Surveys one chronyd for whoever wants to know: once for all who do at the same time. */
import {
  ChronyConnection,
  ChronyConnectionError,
  type ChronyError,
  type ChronyOptions,
  ChronyTimeoutError,
  type ReportName,
} from '../index.ts';
import { isOff, type Outcome, type Outcomes, REPORTS, type Survey, survey } from './survey.ts';

/** Which chronyd is asked for what, and for how long. */
export interface SurveyorOptions extends Omit<ChronyOptions, 'signal'> {
  /** Which reports. Default all ten. */
  readonly reports?: readonly ReportName[] | undefined;
  /** No survey takes longer, in milliseconds; what is not answered by then has failed. Default 4000. */
  readonly limitMs?: number | undefined;
  /** Told once of each report that chronyd refuses to give to us, or is too old to have. */
  readonly onRefused?: ((name: ReportName, error: ChronyError) => void) | undefined;
}

/** A report that is refused is not asked for again so soon, unless chronyd was away meanwhile. */
const REFUSED_MS = 600_000;

interface Refusal {
  readonly error: ChronyError;
  /** By performance.now(). */
  readonly until: number;
}

export class Surveyor implements AsyncDisposable {
  readonly #connection: ChronyOptions;
  readonly #reports: readonly ReportName[];
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

  /** Asks nobody yet. */
  constructor({
    reports = REPORTS,
    limitMs = 4000,
    onRefused = () => {},
    ...connection
  }: SurveyorOptions = {}) {
    this.#connection = connection;
    this.#reports = reports;
    this.#limitMs = limitMs;
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
   */
  take(maxAgeMs = 0): Promise<Survey> {
    const last = this.#last;
    if (last !== null && performance.now() - last.start <= maxAgeMs) return Promise.resolve(last.survey);
    this.#underWay ??= this.#survey().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
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
    const start = performance.now();
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort(new ChronyTimeoutError(`chronyd did not answer all that was asked in ${this.#limitMs} ms`));
    }, this.#limitMs);
    const refused = this.#reports.filter((name) => start < (this.#refusals.get(name)?.until ?? 0));
    const asked = this.#reports.filter((name) => !refused.includes(name));
    const { reports, ...taken } = await survey(() => this.#connect(), asked, limit.signal).finally(() =>
      clearTimeout(timer),
    );
    const known = refused.map((name) => [name, this.#refusalOf(name)] as const);
    const whole = { ...taken, reports: { ...Object.fromEntries(known), ...reports } };
    this.#remember(reports, start);
    this.#last = { survey: whole, start };
    return whole;
  }

  #refusalOf(name: ReportName): Outcome<never> | undefined {
    const refusal = this.#refusals.get(name);
    return refusal && { value: null, error: refusal.error, seconds: 0 };
  }

  #remember(reports: Outcomes, start: number): void {
    const errors = Object.values(reports).map(({ error }) => error);
    // perhaps it is another chronyd that answers next
    if (errors.some((error) => error !== null && !isOff(error))) this.#refusals.clear();
    for (const name of this.#reports) {
      const error = reports[name]?.error;
      if (error === null) this.#refusals.delete(name);
      if (!error || !isOff(error)) continue;
      this.#refusals.set(name, { error, until: start + REFUSED_MS });
      if (!this.#told.has(name)) this.#onRefused(name, error);
      this.#told.add(name);
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
