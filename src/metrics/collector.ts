/** Takes snapshots of one chronyd. Concurrent callers share a snapshot. */
import {
  ChronyConnection,
  ChronyConnectionError,
  type ChronyError,
  type ChronyOptions,
  ChronyTimeoutError,
  type ReportName,
} from 'chrony-wasm';
import {
  MAX_TIMEOUT_MS,
  newNameCache,
  numberInRange,
  readOptions,
  type SharingOptions,
} from '../client/options.ts';
import { NOTHING_KNOWN } from '../clock/max-clock-error.ts';
import { parseAddress } from '../socket/address.ts';
import { newAborter } from '../util/abort.ts';
import { clearTimeout, monotonicMs, setTimeout } from '../util/timers.ts';
import {
  EXTENSIONS,
  failedSnapshot,
  isUnavailable,
  type Outcomes,
  REPORTS,
  type Snapshot,
  type SnapshotName,
  takeSnapshot,
} from './snapshot.ts';

/** The reports with metrics: the ten reports, and the clients of chronyd. */
export type MetricsReport = ReportName | 'clients';

/** Which chronyd to query, for which reports, and how long to wait. */
export interface ChronyMetricsOptions extends Omit<ChronyOptions, 'signal'> {
  /**
   * The reports. Default: the ten reports. `clients` must be requested explicitly: it takes one request for every
   * eight clients, and chronyd gives it only over the Unix socket, unless its configuration has `opencommands`.
   */
  readonly reports?: readonly MetricsReport[] | undefined;
  /**
   * The time limit of a collection, in milliseconds, 1 or more. Requests without a reply by then have failed. Default
   * 4000.
   */
  readonly limitMs?: number | undefined;
  /** Called once for each report that chronyd refuses to this process, or is too old to have. */
  readonly onRefused?: ((name: MetricsReport, error: ChronyError) => void) | undefined;
}

/** The options of the server's collectors, some in addition to the public options. */
export interface SharedCollectorOptions
  extends Omit<ChronyMetricsOptions, 'reports' | 'onRefused'>,
    Pick<SharingOptions, 'budget'> {
  readonly reports?: readonly SnapshotName[] | undefined;
  readonly onRefused?: ((name: SnapshotName, error: ChronyError) => void) | undefined;
  /** Called with each new snapshot, before callers receive it. */
  readonly onSnapshot?: ((snapshot: Snapshot) => void) | undefined;
  /**
   * Awaited in each snapshot once chronyd has replied, so that the snapshots of many chronyds can take turns. This
   * time does not count against `limitMs`.
   */
  readonly turn?: (() => Promise<void>) | undefined;
}

/** How long a refused report is not requested again, in milliseconds, unless chronyd was unreachable meanwhile. */
const REFUSED_MS = 600_000;

/**
 * The largest number of names to keep, to save memory, for a collector that keeps no connection. More names are
 * requested again in each snapshot.
 */
const MAX_KEPT_NAMES = 64;

interface Refusal {
  readonly error: ChronyError;
  /** By monotonicMs(). */
  readonly until: number;
}

export class Collector implements AsyncDisposable {
  /** The reports in each snapshot. */
  readonly reports: readonly SnapshotName[];
  readonly #connection: SharingOptions;
  readonly #limitMs: number;
  readonly #onRefused: (name: SnapshotName, error: ChronyError) => void;
  readonly #onSnapshot: (snapshot: Snapshot) => void;
  readonly #turn: (() => Promise<void>) | undefined;
  readonly #refusals = new Map<SnapshotName, Refusal>();
  /** The reports whose refusal has been reported to `onRefused`. */
  readonly #reported = new Set<SnapshotName>();
  readonly #closing = newAborter();
  #chrony: Promise<ChronyConnection> | null = null;
  #nameCache = newNameCache();
  #address: string | null = null;
  #last: { readonly snapshot: Snapshot; readonly start: number } | null = null;
  #pending: Promise<Snapshot> | null = null;
  #maxClockError = NOTHING_KNOWN;

  /**
   * Sends no request yet.
   *
   * @throws TypeError, RangeError for options of the wrong type or range.
   * @throws ChronyConnectionError for an invalid address.
   */
  constructor({
    reports = REPORTS,
    limitMs = 4000,
    onRefused = () => {},
    onSnapshot = () => {},
    turn,
    ...connection
  }: SharedCollectorOptions = {}) {
    const { address } = readOptions(connection);
    if (address) parseAddress(address);
    if (typeof onRefused !== 'function') {
      throw new TypeError(`onRefused must be a function, not ${typeof onRefused}`);
    }
    this.reports = readReports(reports);
    this.#connection = connection;
    this.#limitMs = numberInRange('limitMs', limitMs, 1, MAX_TIMEOUT_MS, false);
    this.#onRefused = onRefused;
    this.#onSnapshot = onSnapshot;
    this.#turn = turn;
  }

  /** The address of the chronyd that is queried, e.g. `127.0.0.1:323`; null until it is found. */
  get address(): string | null {
    return this.#address;
  }

  /** True if {@link take} would begin a snapshot. */
  isDue(maxAgeMs = 0): boolean {
    return this.#pending === null && this.#recent(maxAgeMs) === null;
  }

  /**
   * Returns the last snapshot if it began at most `maxAgeMs` ago; otherwise the one in progress, or a new one. Never
   * rejects: errors are part of the snapshot.
   *
   * @param waitLimitMs - how long to wait. After that, returns a snapshot in which every request has failed; the one
   *   in progress continues for other callers.
   */
  take(maxAgeMs = 0, waitLimitMs = Number.POSITIVE_INFINITY): Promise<Snapshot> {
    const recent = this.#recent(maxAgeMs);
    if (recent !== null) return Promise.resolve(recent);
    this.#pending ??= this.#collect().finally(() => {
      this.#pending = null;
    });
    return waitLimitMs < this.#limitMs ? this.#inTime(this.#pending, waitLimitMs) : this.#pending;
  }

  #recent(maxAgeMs: number): Snapshot | null {
    const last = this.#last;
    return last !== null && monotonicMs() - last.start <= maxAgeMs ? last.snapshot : null;
  }

  /** Drops the last snapshot to save memory. The other knowledge about chronyd stays. */
  forget(): void {
    this.#last = null;
  }

  /** Ends the snapshot in progress: its requests under way fail. */
  async close(): Promise<void> {
    this.#closing.abort(new ChronyConnectionError('the collector is closed'));
    await this.#pending;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #collect(): Promise<Snapshot> {
    const start = monotonicMs();
    const limit = newAborter();
    const startTimer = (): NodeJS.Timeout =>
      setTimeout(() => {
        limit.abort(new ChronyTimeoutError(`chronyd did not answer all requests within ${this.#limitMs} ms`));
      }, this.#limitMs);
    let timer = startTimer();
    const turn = async (): Promise<void> => {
      if (this.#turn === undefined) return;
      clearTimeout(timer);
      await this.#turn();
      timer = startTimer();
    };
    const refused = this.#refusedAt(start);
    const asked = this.reports.filter((name) => !(name in refused));
    const { reports, ...taken } = await takeSnapshot(
      this.#maxClockError,
      () => this.#connect(),
      asked,
      turn,
      limit,
    ).finally(() => clearTimeout(timer));
    if (this.#keepsNoConnection) this.#disconnect();
    const whole = { ...taken, reports: { ...refused, ...reports } };
    this.#remember(reports, start);
    this.#maxClockError = taken.maxClockError;
    this.#last = { snapshot: whole, start };
    this.#onSnapshot(whole);
    return whole;
  }

  /** Returns the pending snapshot; or, if it is not complete in time, one in which every request has failed. */
  #inTime(pending: Promise<Snapshot>, ms: number): Promise<Snapshot> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Snapshot>((resolve) => {
      timer = setTimeout(() => {
        const error = new ChronyTimeoutError(`chronyd did not answer within ${Math.round(ms)} ms`);
        const { reports, ...failed } = failedSnapshot(this.reports, error, ms / 1000, this.#maxClockError);
        resolve({ ...failed, reports: { ...reports, ...this.#refusedAt(monotonicMs()) } });
      }, ms);
    });
    return Promise.race([pending, late]).finally(() => clearTimeout(timer));
  }

  /** Returns the outcomes of refused reports that are not to be requested again yet. */
  #refusedAt(now: number): Outcomes {
    const refusals = [...this.#refusals].filter(([, { until }]) => now < until);
    return Object.fromEntries(
      refusals.map(([name, { error }]) => [name, { value: null, error, seconds: 0 }]),
    );
  }

  #remember(reports: Outcomes, start: number): void {
    const errors = Object.values(reports).map(({ error }) => error);
    // the next reply may come from another chronyd
    if (errors.some((error) => error !== null && !isUnavailable(error))) {
      this.#refusals.clear();
      this.#nameCache = newNameCache();
    }
    for (const name of this.reports) {
      const error = reports[name]?.error;
      if (error === null) this.#refusals.delete(name);
      if (!error || !isUnavailable(error)) continue;
      this.#refusals.set(name, { error, until: start + REFUSED_MS });
      if (this.#reported.has(name)) continue;
      this.#reported.add(name);
      this.#onRefused(name, error);
    }
  }

  /** Returns the connection. If it could not be opened, the next call tries again. */
  async #connect(): Promise<ChronyConnection> {
    // a permanent connection has its own cache, which it drops when it finds another endpoint
    const nameCache = this.#keepsNoConnection ? this.#nameCache : undefined;
    const options = { ...this.#connection, nameCache, signal: this.#closing };
    this.#chrony ??= ChronyConnection.open(options).catch((error: unknown) => {
      this.#chrony = null;
      throw error;
    });
    const chrony = await this.#chrony;
    this.#address = chrony.address;
    return chrony;
  }

  /** True for collectors that share a budget of sockets: they keep no connection between snapshots. */
  get #keepsNoConnection(): boolean {
    return this.#connection.budget !== undefined;
  }

  #disconnect(): void {
    if ((this.#nameCache.names?.size ?? 0) > MAX_KEPT_NAMES) this.#nameCache = newNameCache();
    const chrony = this.#chrony;
    this.#chrony = null;
    chrony?.then(
      (open) => open.close(),
      () => {},
    );
  }
}

const NAMES: readonly SnapshotName[] = [...REPORTS, ...EXTENSIONS];

/** Each name once, in the order of NAMES. */
function readReports(names: readonly SnapshotName[]): readonly SnapshotName[] {
  if (!Array.isArray(names)) throw new TypeError(`reports must be an array of names, not ${typeof names}`);
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown === undefined) return NAMES.filter((name) => names.includes(name));
  throw new RangeError(`there is no report '${unknown}'; the reports are: ${NAMES.join(', ')}`);
}
