/**
 * A connection to one chronyd: finds its endpoint, keeps it while it replies, and fetches reports. Also each report
 * as a one-shot function, on its own connection.
 */
import { ChronyConnectionError, ChronyError } from '../errors.ts';
import {
  type Activity,
  type AuthData,
  type ClientAccess,
  decoders,
  extensionDecoders,
  type ManualSample,
  type NtpData,
  type ReportDecoder,
  type ReportName,
  type RtcData,
  type SelectData,
  type ServerStats,
  type Smoothing,
  Source,
  SourceMode,
  SourceName,
  type SourceStats,
  type TrackingStatus,
} from '../reports/index.ts';
import type { ReportField } from '../reports/report-field.ts';
import { ChronyErr, invalidSourceAddress, unknownReport } from '../sandbox/errors.ts';
import { sharedLibchrony } from '../sandbox/instance.ts';
import type { RecordReader } from '../sandbox/record.ts';
import { type Endpoint, formatEndpoint, resolveAddress } from '../socket/address.ts';
import {
  type Aborter,
  type AbortSignalLike,
  abortable,
  newAborter,
  onAbort,
  reasonOf,
  throwIfAborted,
} from '../util/abort.ts';
import { fetchClients } from './clients.ts';
import { lookups } from './dns.ts';
import { searchEndpoint } from './endpoint-search.ts';
import { fetchName, isSourceAddress, type NamedSource, type Names, namesOfSources } from './names.ts';
import {
  type CallOptions,
  type ChronyOptions,
  type ClientsOptions,
  checkNames,
  checkSignal,
  type NameCache,
  newNameCache,
  numberInRange,
  readOptions,
  type Settings,
  type SourcesOptions,
  totalTimeout,
} from './options.ts';
import { ChannelPool } from './pool.ts';
import {
  askFor,
  isPerSource,
  PER_SOURCE,
  type PerSource,
  type ReportOutcome,
  type ReportOutcomes,
  type ReportValues,
} from './report-values.ts';
import { fetchRecords, fetchReports, type RecordsOf } from './source-records.ts';
import { CLOSED, type WatchOptions, watch } from './watch.ts';

/** How to fetch the records of each report that has one for each source. */
const perSource = {
  sources: recordsOf(decoders.sources),
  sourcestats: recordsOf(decoders.sourcestats),
  selectdata: recordsOf(decoders.selectdata),
  authdata: { ...recordsOf(decoders.authdata), isByAddress: true },
  ntpdata: { ...recordsOf(decoders.ntpdata), isByAddress: true },
} satisfies Record<PerSource, unknown>;

/** The reports whose records are requested by the source's address. */
const BY_ADDRESS: ReadonlySet<string> = new Set(PER_SOURCE.filter((name) => perSource[name].isByAddress));

function recordsOf<T>({ report, decode }: ReportDecoder<T, [address: string]>): RecordsOf<T> {
  return { report, isByAddress: false, read: decode };
}

/** Private methods of the class for the package's own use. */
let internal: {
  unopened(settings: Settings): ChronyConnection;
  end(connection: ChronyConnection, reason: () => unknown): void;
  records<T>(connection: ChronyConnection, of: RecordsOf<T>): Promise<T[]>;
  names(connection: ChronyConnection, sources: readonly NamedSource[]): Promise<Names>;
  entries(connection: ChronyConnection, extension: 'manual list'): Promise<ReportField[][]>;
};

/**
 * A connection to one chronyd. Any number of calls may be under way at once. While none is, it does not keep the
 * process alive. After a failure the next call starts with new sockets, so a connection survives a restart of
 * chronyd.
 *
 * Every method may reject with
 * - {@link ChronyConnectionError}: no chronyd is there, it refused the connection, the socket failed, or the
 *   connection is closed;
 * - {@link ChronyTimeoutError}: no reply to any of the tries;
 * - {@link ChronyPermissionError}: chronyd does not give this report to this client;
 * - {@link ChronyDataError}: the reply is invalid, or chronyd refuses the request;
 * - the reason of an aborted signal.
 *
 * @example
 * const chrony = await ChronyConnection.open();
 * try {
 *   const status = await chrony.getTracking();
 *   console.log(status.offset);
 * } finally {
 *   await chrony.close();
 * }
 */
export class ChronyConnection implements AsyncDisposable {
  /** The names of all reports of the C library, for {@link getReport}. */
  readonly reports: readonly string[];
  readonly #settings: Settings;
  readonly #stopListening: (() => void) | undefined;
  /** The last endpoint that replied. */
  #endpoint: Endpoint | null = null;
  /** The pool of the endpoint in use; null if the next call must search for one. */
  #pool: ChannelPool | null = null;
  /** The search for an endpoint, shared by all calls made meanwhile. */
  #search: Promise<ChannelPool> | null = null;
  /** The pool in use, and former pools that still have calls under way. */
  #pools: ChannelPool[] = [];
  /** Created on first use: most connections never fetch names. */
  #names: NameCache | null = null;
  /**
   * Creates the reason why the connection is closed. It is a function because errors are expensive to create and this
   * one is rarely used.
   */
  #closed: (() => unknown) | null = null;
  #ending: Aborter | null = null;

  static {
    internal = {
      unopened: (settings) => new ChronyConnection(settings),
      end: (connection, reason) => connection.#end(reason),
      records: (connection, of) => connection.#records(of, undefined),
      names: (connection, sources) =>
        connection.#use(undefined, (pool, signal) => connection.#namesOf(pool, sources, signal)),
      entries: (connection, extension) =>
        connection.#entries(extension, (record) => record.toFields(), undefined),
    };
  }

  private constructor(settings: Settings) {
    const { signal } = settings;
    if (signal !== undefined) throwIfAborted(signal);
    this.reports = sharedLibchrony().reports;
    this.#settings = settings;
    this.#stopListening = signal && onAbort(signal, () => this.#end(() => reasonOf(signal)));
  }

  /**
   * Opens a connection. If the address leaves a choice (none was given, or a name has several addresses), it uses the
   * first endpoint that replies. Otherwise it sends nothing yet.
   *
   * @param options - an address, or {@link ChronyOptions}
   * @throws ChronyError, and the signal's reason.
   * @throws TypeError, RangeError for options of the wrong type or range.
   * @throws ChronyLibraryError if the WebAssembly library is damaged or cannot run here.
   */
  static async open(options?: string | ChronyOptions): Promise<ChronyConnection> {
    const settings = readOptions(options);
    const connection = new ChronyConnection(settings);
    try {
      await connection.#use(settings, (pool, signal) => pool.open(signal));
      return connection;
    } catch (error) {
      connection.#end(() => error);
      throw error;
    }
  }

  /** The address in use, e.g. `127.0.0.1:323`, `[::1]:323` or `/run/chrony/chronyd.sock`. */
  get address(): string {
    return this.#endpoint === null ? (this.#settings.address ?? '') : formatEndpoint(this.#endpoint);
  }

  /** The state of the system clock. */
  getTracking(options?: CallOptions): Promise<TrackingStatus> {
    return this.#one(decoders.tracking, options);
  }

  /**
   * chronyd's sources, in chronyd's order.
   *
   * With `names: true` also their names in chronyd's configuration. That takes one more request for each source that
   * is not a reference clock, and none while chronyd has the same sources as in the previous call. Without it
   * {@link Source.name} is null.
   *
   * @throws TypeError for options of the wrong type.
   */
  getSources(options?: SourcesOptions): Promise<Source[]> {
    try {
      const isNamed = checkNames(options);
      const sources = this.#records(perSource.sources, options);
      return isNamed ? sources.then((unnamed) => this.#named(unnamed, options)) : sources;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * The names of chronyd's sources in its configuration, in the order of {@link getSources}. It makes the same
   * requests as `getSources({ names: true })`.
   */
  async getSourceNames(options?: CallOptions): Promise<SourceName[]> {
    const sources = await this.getSources({ ...options, names: true });
    return sources.map(({ address, name }) => new SourceName({ address, name }));
  }

  /**
   * The name of one source in chronyd's configuration: null if chronyd has no name for it.
   *
   * @param address - the source's address, as in {@link Source.address}: IPv4, IPv6 or `ID#nnnnnnnnnn`
   * @throws TypeError for an address that is not a string.
   * @throws ChronyDataError also if the address is invalid (`errorCode` 7), or no source has it (`errorCode` 11).
   */
  getSourceName(address: string, options?: CallOptions): Promise<string | null> {
    if (typeof address !== 'string') {
      return Promise.reject(new TypeError(`address must be a string, not ${typeof address}`));
    }
    if (!isSourceAddress(address)) return Promise.reject(invalidSourceAddress(address));
    return this.#use(options, (pool, signal) => fetchName(pool, address, signal));
  }

  /**
   * The clients that have sent requests to this chronyd, each once, in the order of chronyd's table. It makes n / 8 +
   * 1 requests for n clients. Needs the Unix socket, or `opencommands`.
   *
   * @throws ChronyDataError also if chronyd does not log clients (`noclientlog`, `errorCode` 10).
   * @throws TypeError, RangeError for options of the wrong type or range.
   */
  getClients(options?: ClientsOptions): Promise<ClientAccess[]> {
    try {
      const hits = numberInRange('minimumHits', options?.minimumHits ?? 0, 0, 0xffffffff, true);
      return this.#use(options, (pool, signal) => fetchClients(pool, hits, signal));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The times set with `chronyc settime`, the oldest first: at most 16, and none without `manual` in chrony.conf. */
  getManualList(options?: CallOptions): Promise<ManualSample[]> {
    const { report, decode } = extensionDecoders['manual list'];
    return this.#entries(report, decode, options);
  }

  /** The statistics behind each source's estimate, in the order of {@link getSources}. */
  getSourceStats(options?: CallOptions): Promise<SourceStats[]> {
    return this.#records(perSource.sourcestats, options);
  }

  /**
   * Why each source is selected or not, in the order of {@link getSources}. Needs the Unix socket, or
   * `opencommands`.
   */
  getSelectData(options?: CallOptions): Promise<SelectData[]> {
    return this.#records(perSource.selectdata, options);
  }

  /** The number of sources that are online and offline. */
  getActivity(options?: CallOptions): Promise<Activity> {
    return this.#one(decoders.activity, options);
  }

  /**
   * How each NTP source is authenticated; reference clocks are omitted. Needs the Unix socket, or
   * `opencommands`.
   */
  getAuthData(options?: CallOptions): Promise<AuthData[]> {
    return this.#records(perSource.authdata, options);
  }

  /**
   * The last NTP exchange with each NTP source; reference clocks are omitted. Needs the Unix socket, or
   * `opencommands`.
   */
  getNtpData(options?: CallOptions): Promise<NtpData[]> {
    return this.#records(perSource.ntpdata, options);
  }

  /** The statistics of chronyd as an NTP server. Needs the Unix socket, or `opencommands`. */
  getServerStats(options?: CallOptions): Promise<ServerStats> {
    return this.#one(decoders.serverstats, options);
  }

  /** The real-time clock, or null if chronyd does not track one. */
  getRtcData(options?: CallOptions): Promise<RtcData | null> {
    return nullIfDisabled(this.#one(decoders.rtcdata, options));
  }

  /** Time smoothing, or null if it is not enabled in chronyd. */
  getSmoothing(options?: CallOptions): Promise<Smoothing | null> {
    return nullIfDisabled(this.#one(decoders.smoothing, options));
  }

  /**
   * Fetches several reports. All records of a source are read together, so that they belong to the same time and take
   * fewer requests than separate calls: for n sources, one request for each record, and two for the list.
   *
   * @param names - the reports, e.g. `['tracking', 'sources', 'ntpdata']`
   * @returns for each report its value, or the {@link ChronyError} with which its own method would have rejected
   * @throws ChronyDataError for an unknown name. TypeError for options of the wrong type. An aborted signal's reason;
   *   if that is a ChronyError, it becomes the error of each report instead.
   *
   * @example
   * const { sources, ntpdata } = await chrony.getReports(['sources', 'ntpdata']);
   * if (sources.error === null) console.log(sources.value.length, ntpdata.error?.message ?? ntpdata.value?.length);
   */
  async getReports<Name extends ReportName>(
    names: readonly Name[],
    options?: SourcesOptions,
  ): Promise<ReportOutcomes<Name>> {
    if (!Array.isArray(names)) throw new TypeError(`names must be an array of reports, not ${typeof names}`);
    checkNames(options);
    const single = names.filter((name) => !isPerSource(name)).map((name) => [name, askFor(name)] as const);
    const together = PER_SOURCE.filter((name) => names.some((each) => each === name));
    const outcomes = await Promise.all([
      this.#together(together, options),
      ...single.map(async ([name, ask]) => ({ [name]: await outcomeOf(ask(this, options)) })),
    ]);
    // TypeScript does not connect the type of a value with its name
    return Object.assign({}, ...outcomes) as ReportOutcomes<Name>;
  }

  /**
   * Fetches any report through the C library's introspection, including fields that only newer servers have. Returns
   * one array of fields for each record. A report has one record, or one for each source. A record has no fields if
   * the report contains nothing about that source.
   *
   * @param report - one of {@link reports}
   * @throws TypeError for a name that is not a string.
   * @throws ChronyDataError also for an unknown name (`errorCode` 3), and for a report that chronyd has disabled
   *   (`errorCode` 10).
   */
  async getReport(report: string, options?: CallOptions): Promise<ReportField[][]> {
    if (typeof report !== 'string') throw new TypeError(`report must be a string, not ${typeof report}`);
    if (!this.reports.includes(report)) throw unknownReport(report, this.reports);
    return await this.#records(
      { report, isByAddress: BY_ADDRESS.has(report), read: (record) => record.toFields(), ofClock: [] },
      options,
    );
  }

  /**
   * Gets a report repeatedly. A failure is a value of the iteration, not its end: a watch survives a restart of
   * chronyd, and the caller decides how to handle an error. It ends when you leave the loop, close the connection, or
   * abort the signal, whose reason it then throws. A watch keeps the process alive only while it waits for its next
   * turn.
   *
   * @param report - a report's name in the C library
   * @throws ChronyDataError for an unknown report. TypeError, RangeError for options of the wrong type or range.
   *
   * @example
   * for await (const status of chrony.watch('tracking', { intervalMs: 5000 })) {
   *   if (status instanceof ChronyError) console.error(status.message);
   *   else console.log(status.offset);
   * }
   */
  watch<Name extends ReportName>(
    report: Name,
    options?: WatchOptions,
  ): AsyncGenerator<ReportValues[Name] | ChronyError, void, undefined> {
    return watch(this, this.#endingSignal(), report, options);
  }

  /**
   * Closes the connection. Calls under way reject with a {@link ChronyConnectionError}. Closing it again has no
   * effect.
   */
  async close(): Promise<void> {
    this.#end(
      () =>
        new ChronyConnectionError(`the connection to ${this.address || 'chronyd'} is closed; open another`, {
          code: CLOSED,
        }),
    );
  }

  /** Calls {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(reason: () => unknown): void {
    this.#stopListening?.();
    this.#closed ??= reason;
    this.#ending?.abort(reason());
    for (const pool of this.#pools) pool.close(reason);
    this.#pools = [];
  }

  /** The signal that aborts when the connection is closed, with the reason. */
  #endingSignal(): AbortSignalLike {
    this.#ending ??= newAborter();
    if (this.#closed !== null) this.#ending.abort(this.#closed());
    return this.#ending;
  }

  #one<T>(decoder: ReportDecoder<T>, options: CallOptions | undefined): Promise<T> {
    return this.#use(options, (pool, signal) =>
      pool.ask(decoder.report, 0, ({ record }) => decoder.decode(record), signal),
    );
  }

  /** Fetches reports with a record for each source together, and returns their outcomes. */
  async #together(
    names: readonly PerSource[],
    options: SourcesOptions | undefined,
  ): Promise<Partial<ReportOutcomes>> {
    const of: RecordsOf<unknown>[] = names.map((name) => perSource[name]);
    const all = await outcomeOf(this.#use(options, (pool, signal) => fetchReports(pool, of, signal)));
    const outcomes: Partial<ReportOutcomes> = Object.fromEntries(
      names.map((name, i) => [name, all.error === null ? all.value[i] : all]),
    );
    const { sources } = outcomes;
    if (!sources?.value || !checkNames(options)) return outcomes;
    return { ...outcomes, sources: await outcomeOf(this.#named(sources.value, options)) };
  }

  async #named(sources: readonly Source[], options: CallOptions | undefined): Promise<Source[]> {
    const names = await this.#use(options, (pool, signal) => this.#namesOf(pool, sources, signal));
    return sources.map((source) => new Source({ ...source, name: names.get(source.address) ?? null }));
  }

  /** Fetches a list that comes in one reply, and decodes its entries. */
  #entries<T>(
    report: string,
    read: (entry: RecordReader) => T,
    options: CallOptions | undefined,
  ): Promise<T[]> {
    return this.#use(options, (pool, signal) =>
      pool.ask(
        report,
        0,
        (session) => Array.from({ length: session.numberEntries }, (_, i) => read(session.entry(i))),
        signal,
      ),
    );
  }

  #namesOf(
    pool: ChannelPool,
    sources: readonly NamedSource[],
    signal: AbortSignalLike | undefined,
  ): Promise<Names> {
    this.#names ??= this.#settings.nameCache ?? newNameCache();
    return namesOfSources(this.#names, pool, sources, signal);
  }

  #records<T>(of: RecordsOf<T>, options: CallOptions | undefined): Promise<T[]> {
    return this.#use(options, (pool, signal) => fetchRecords(pool, of, signal));
  }

  /** Does work on the endpoint in use. If there is none, it first searches for one. */
  #use<T>(
    options: CallOptions | undefined,
    work: (pool: ChannelPool, signal: AbortSignalLike | undefined) => Promise<T>,
  ): Promise<T> {
    try {
      if (this.#closed !== null) throw this.#closed();
      const signal = options === undefined ? undefined : checkSignal(options.signal);
      const pool = this.#pool?.retired === false ? this.#pool : this.#find(signal);
      return pool instanceof Promise ? pool.then((found) => work(found, signal)) : work(pool, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #find(signal: AbortSignalLike | undefined): ChannelPool | Promise<ChannelPool> {
    if (this.#search === null) {
      const settings = this.#settings;
      const endpoints = resolveAddress(
        settings.address,
        (name) => lookups.find(name, totalTimeout(settings), this.#endingSignal()),
        settings.ipVersion,
      );
      if (!(endpoints instanceof Promise)) {
        const [only, ...others] = endpoints;
        // no search for a single endpoint: the first call that opens a socket shows whether chronyd is there
        if (only !== undefined && others.length === 0) return this.#adopt(this.#newPool(only));
      }
      this.#search = this.#searchAll(endpoints).finally(() => {
        this.#search = null;
      });
    }
    return abortable(abortable(this.#search, signal), this.#endingSignal());
  }

  async #searchAll(endpoints: readonly Endpoint[] | Promise<readonly Endpoint[]>): Promise<ChannelPool> {
    return this.#adopt(await searchEndpoint(await endpoints, (endpoint) => this.#newPool(endpoint)));
  }

  #adopt(pool: ChannelPool): ChannelPool {
    this.#endpoint = pool.endpoint;
    this.#pool = pool;
    // this may be another chronyd; a call still under way on the former pool keeps the former cache
    this.#names = null;
    return pool;
  }

  #newPool(endpoint: Endpoint): ChannelPool {
    if (this.#closed !== null) throw this.#closed();
    if (this.#pools.length > 0) this.#pools = this.#pools.filter((former) => !former.finished);
    const pool = new ChannelPool(endpoint, this.#settings);
    this.#pools.push(pool);
    return pool;
  }
}

/** Returns a ChronyError as an outcome; throws any other error. */
async function outcomeOf<T>(work: Promise<T>): Promise<ReportOutcome<T>> {
  try {
    return { value: await work, error: null };
  } catch (error) {
    if (error instanceof ChronyError) return { value: null, error };
    throw error;
  }
}

async function nullIfDisabled<T>(report: Promise<T>): Promise<T | null> {
  try {
    return await report;
  } catch (error) {
    if (error instanceof ChronyError && error.errorCode === ChronyErr.DISABLED) return null;
    throw error;
  }
}

/**
 * Returns a connection that searches for chronyd on its first request. {@link ChronyConnection.open} would open the
 * socket in a separate step before a single request.
 */
export function unopened(settings: Settings): ChronyConnection {
  return internal.unopened(settings);
}

/** Closes a connection. Its calls under way reject with the reason. */
export function end(connection: ChronyConnection, reason: () => unknown): void {
  internal.end(connection, reason);
}

/**
 * Fetches the records, with the source's address, of a report that does not identify sources reliably. Reference
 * clocks are omitted: these reports contain nothing about them.
 */
export function recordsWithAddress(
  connection: ChronyConnection,
  report: 'authdata' | 'ntpdata',
): Promise<{ address: string; record: ReportField[] }[]> {
  return internal.records(connection, {
    report,
    isByAddress: true,
    read: (record, address) => ({ address, record: record.toFields() }),
  });
}

/**
 * Returns the names of NTP sources by their addresses. The connection caches them while the sources stay the same;
 * otherwise it makes one request for each source. Empty if chronyd does not give names.
 */
export function namesOf(
  connection: ChronyConnection,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, string | null>> {
  return internal.names(
    connection,
    addresses.map((address) => ({ address, mode: SourceMode.CLIENT })),
  );
}

/** Returns the samples of the manual list as raw records, in which the times are exact. */
export function manualRecords(connection: ChronyConnection): Promise<ReportField[][]> {
  return internal.entries(connection, 'manual list');
}

type Options = string | ChronyOptions;

/** Runs a function with a new connection, and closes it. */
export async function once<T>(
  options: Options | undefined,
  ask: (chrony: ChronyConnection) => Promise<T>,
): Promise<T> {
  const connection = internal.unopened(readOptions(options));
  try {
    return await ask(connection);
  } finally {
    internal.end(connection, finished);
  }
}

/** No caller sees this error: no call is under way any more. */
function finished(): ChronyConnectionError {
  return new ChronyConnectionError('the one-shot connection is closed');
}

/**
 * The state of the system clock: its stratum, its offset in seconds, its error bounds. Calls
 * {@link ChronyConnection.getTracking} on a new connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const status = await getTracking();
 * console.log(status.stratum, status.maxError()); // seconds
 */
export function getTracking(options?: Options): Promise<TrackingStatus> {
  return once(options, (chrony) => chrony.getTracking());
}

/**
 * chronyd's sources, in chronyd's order; with `names: true` also their names in chronyd's configuration. Calls
 * {@link ChronyConnection.getSources} on a new connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions} with {@link SourcesOptions}. Default: chronyd's Unix socket,
 *   or UDP on the loopback address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice
 *   the timeout of the try before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const sources = await getSources({ names: true });
 * console.log(sources.find((source) => source.isSelected())?.name ?? 'no source');
 */
export function getSources(options?: string | (ChronyOptions & SourcesOptions)): Promise<Source[]> {
  return once(options, (chrony) => chrony.getSources(callOptions(options)));
}

/**
 * The names of chronyd's sources in its configuration. Calls {@link ChronyConnection.getSourceNames} on a new
 * connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * for (const { address, name } of await getSourceNames()) console.log(address, name);
 */
export function getSourceNames(options?: Options): Promise<SourceName[]> {
  return once(options, (chrony) => chrony.getSourceNames());
}

/**
 * The clients that have sent requests to this chronyd. Needs the Unix socket, or `opencommands`. Calls
 * {@link ChronyConnection.getClients} on a new connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions} with {@link ClientsOptions}. Default: chronyd's Unix socket,
 *   or UDP on the loopback address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice
 *   the timeout of the try before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const clients = await getClients({ minimumHits: 10 });
 * console.log(clients.length);
 */
export function getClients(options?: string | (ChronyOptions & ClientsOptions)): Promise<ClientAccess[]> {
  return once(options, (chrony) => chrony.getClients(callOptions(options)));
}

/**
 * The times set with `chronyc settime`, the oldest first. Calls {@link ChronyConnection.getManualList} on a new
 * connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const samples = await getManualList();
 * console.log(samples.length);
 */
export function getManualList(options?: Options): Promise<ManualSample[]> {
  return once(options, (chrony) => chrony.getManualList());
}

/** Returns the options of the call, if they are in the same object as the options of the connection. */
function callOptions<T extends CallOptions>(options: string | T | undefined): T | undefined {
  return typeof options === 'string' ? undefined : options;
}

/**
 * The statistics behind each source's estimate. Calls {@link ChronyConnection.getSourceStats} on a new connection,
 * and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * for (const { address, stdDev } of await getSourceStats()) console.log(address, stdDev); // seconds
 */
export function getSourceStats(options?: Options): Promise<SourceStats[]> {
  return once(options, (chrony) => chrony.getSourceStats());
}

/**
 * Why each source is selected or not. Needs the Unix socket, or `opencommands`. Calls
 * {@link ChronyConnection.getSelectData} on a new connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * for (const { address, state } of await getSelectData()) console.log(address, state);
 */
export function getSelectData(options?: Options): Promise<SelectData[]> {
  return once(options, (chrony) => chrony.getSelectData());
}

/**
 * The number of sources that are online and offline. Calls {@link ChronyConnection.getActivity} on a new connection,
 * and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const { online, offline } = await getActivity();
 * console.log(online, offline);
 */
export function getActivity(options?: Options): Promise<Activity> {
  return once(options, (chrony) => chrony.getActivity());
}

/**
 * How each NTP source is authenticated; reference clocks are omitted. Needs the Unix socket, or `opencommands`.
 * Calls {@link ChronyConnection.getAuthData} on a new connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * for (const { address, mode } of await getAuthData()) console.log(address, mode);
 */
export function getAuthData(options?: Options): Promise<AuthData[]> {
  return once(options, (chrony) => chrony.getAuthData());
}

/**
 * The last NTP exchange with each NTP source; reference clocks are omitted. Needs the Unix socket, or
 * `opencommands`. Calls {@link ChronyConnection.getNtpData} on a new connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * for (const { remoteAddress, peerDelay } of await getNtpData()) console.log(remoteAddress, peerDelay); // seconds
 */
export function getNtpData(options?: Options): Promise<NtpData[]> {
  return once(options, (chrony) => chrony.getNtpData());
}

/**
 * The statistics of chronyd as an NTP server. Needs the Unix socket, or `opencommands`. Calls
 * {@link ChronyConnection.getServerStats} on a new connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const { ntpReceived } = await getServerStats();
 * console.log(ntpReceived);
 */
export function getServerStats(options?: Options): Promise<ServerStats> {
  return once(options, (chrony) => chrony.getServerStats());
}

/**
 * The real-time clock, or null if chronyd does not track one. Calls {@link ChronyConnection.getRtcData} on a new
 * connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const rtc = await getRtcData();
 * console.log(rtc?.offset ?? 'no real-time clock'); // seconds
 */
export function getRtcData(options?: Options): Promise<RtcData | null> {
  return once(options, (chrony) => chrony.getRtcData());
}

/**
 * Time smoothing, or null if it is not enabled in chronyd. Calls {@link ChronyConnection.getSmoothing} on a new
 * connection, and closes it.
 *
 * @param options - an address, or {@link ChronyOptions}. Default: chronyd's Unix socket, or UDP on the loopback
 *   address if the socket does not reply; a timeout of 1 second; 2 retries, each with twice the timeout of the try
 *   before.
 * @throws ChronyConnectionError, ChronyTimeoutError, ChronyPermissionError, ChronyDataError, ChronyLibraryError; the
 *   signal's reason. TypeError, RangeError for options of the wrong type or range.
 *
 * @example
 * const smoothing = await getSmoothing();
 * console.log(smoothing?.offset ?? 'not enabled'); // seconds
 */
export function getSmoothing(options?: Options): Promise<Smoothing | null> {
  return once(options, (chrony) => chrony.getSmoothing());
}
