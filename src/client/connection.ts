/** A connection to one chronyd: the public face of everything below. */

import { ChronyConnectionError, ChronyError } from '../errors.ts';
import {
  type Activity,
  type AuthData,
  decoders,
  type NtpData,
  type ReportDecoder,
  type ReportName,
  type RtcData,
  type SelectData,
  type ServerStats,
  type Smoothing,
  type Source,
  type SourceStats,
  type TrackingStatus,
} from '../reports/index.ts';
import type { ReportField } from '../reports/report-field.ts';
import { ChronyErr } from '../sandbox/chrony-err.ts';
import { sharedLibchrony } from '../sandbox/instance.ts';
import { onAbort } from '../util/abort.ts';
import { CLOSED } from './closed.ts';
import { Link } from './endpoint-search.ts';
import { type CallOptions, type ChronyOptions, readOptions, type Settings } from './options.ts';
import { asAuthData, asClass, asFields } from './readers.ts';
import type { ReportValues } from './report-values.ts';
import { fetchRecords, type ReadRecord } from './source-records.ts';
import { type WatchOptions, watch } from './watch.ts';

/**
 * Makes a connection that looks for chronyd when it is first asked: for a single question, where {@link
 * ChronyConnection.open} would only open the socket one step earlier.
 */
export let unopened: (settings: Settings) => ChronyConnection;

/**
 * A connection to one chronyd. Any number of calls may be under way at once. While nothing is under way it
 * does not keep the process alive; after a failure the next call starts with new sockets, so it survives a
 * restart of chronyd.
 *
 * Every method may reject with
 * - {@link ChronyConnectionError}: nothing is there, it was refused, the socket failed, the connection is
 *   closed;
 * - {@link ChronyTimeoutError}: no answer to any of the tries;
 * - {@link ChronyPermissionError}: chronyd does not answer this to this client;
 * - {@link ChronyDataError}: the answer is of no use;
 * - the reason of an aborted signal.
 *
 * @example
 * await using chrony = await ChronyConnection.open();
 * const status = await chrony.getTracking();
 */
export class ChronyConnection implements AsyncDisposable {
  /** The names of all reports of the C library, for {@link getReport}. */
  readonly reports: readonly string[];
  readonly #link: Link;
  readonly #stopListening: (() => void) | undefined;

  static {
    unopened = (settings) => new ChronyConnection(settings);
  }

  private constructor(settings: Settings) {
    this.reports = sharedLibchrony().reports;
    this.#link = new Link(settings);
    const { signal } = settings;
    this.#stopListening = signal && onAbort(signal, () => this.#end(() => signal.reason));
  }

  /**
   * Opens a connection. Where the address leaves a choice (none was given, or a name has several addresses)
   * it takes the first that answers; otherwise nothing is sent yet.
   *
   * @param options - an address, or {@link ChronyOptions}
   * @throws ChronyError, and the signal's reason.
   * @throws TypeError, RangeError for options of the wrong type or range.
   * @throws ChronyLibraryError if the WebAssembly library is damaged or cannot run here.
   */
  static async open(options?: string | ChronyOptions): Promise<ChronyConnection> {
    const settings = readOptions(options);
    settings.signal?.throwIfAborted();
    const connection = new ChronyConnection(settings);
    try {
      await connection.#link.use(settings, (pool, signal) => pool.use(signal, async () => {}));
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** The address in use, e.g. `127.0.0.1:323`, `[::1]:323` or `/run/chrony/chronyd.sock`. */
  get address(): string {
    return this.#link.address;
  }

  /** How the system clock stands. */
  getTracking(options?: CallOptions): Promise<TrackingStatus> {
    return this.#one(decoders.tracking, options);
  }

  /** chronyd's sources, in its own order. */
  getSources(options?: CallOptions): Promise<Source[]> {
    return this.#perSource(decoders.sources, options);
  }

  /** The statistics behind each source's estimate, in the order of {@link getSources}. */
  getSourceStats(options?: CallOptions): Promise<SourceStats[]> {
    return this.#perSource(decoders.sourcestats, options);
  }

  /**
   * Why each source is selected or not, in the order of {@link getSources}. Needs the Unix socket, or
   * `opencommands`.
   */
  getSelectData(options?: CallOptions): Promise<SelectData[]> {
    return this.#perSource(decoders.selectdata, options);
  }

  /** How many sources are online and offline. */
  getActivity(options?: CallOptions): Promise<Activity> {
    return this.#one(decoders.activity, options);
  }

  /**
   * How each NTP source is authenticated; reference clocks are left out. Needs the Unix socket, or
   * `opencommands`.
   */
  getAuthData(options?: CallOptions): Promise<AuthData[]> {
    return this.#present(decoders.authdata.report, asAuthData, options);
  }

  /**
   * The last NTP exchange with each NTP source; reference clocks are left out. Needs the Unix socket, or
   * `opencommands`.
   */
  getNtpData(options?: CallOptions): Promise<NtpData[]> {
    return this.#perSource(decoders.ntpdata, options);
  }

  /** What chronyd has served as an NTP server. Needs the Unix socket, or `opencommands`. */
  getServerStats(options?: CallOptions): Promise<ServerStats> {
    return this.#one(decoders.serverstats, options);
  }

  /** The real-time clock, or null where chronyd does not track one. */
  getRtcData(options?: CallOptions): Promise<RtcData | null> {
    return nullIfDisabled(this.#one(decoders.rtcdata, options));
  }

  /** Time smoothing, or null where it is not enabled in chronyd. */
  getSmoothing(options?: CallOptions): Promise<Smoothing | null> {
    return nullIfDisabled(this.#one(decoders.smoothing, options));
  }

  /**
   * Any report as the C library's introspection shows it, whatever the server's version: one array of fields
   * for each record. A report of one record has one; the others have one for each source, which has no fields
   * where the report knows nothing about it.
   *
   * @param report - one of {@link reports}
   * @throws TypeError for a name that is not a string.
   * @throws ChronyDataError also for an unknown name (`errorCode` 3), and for a report that chronyd has disabled
   *   (`errorCode` 10).
   */
  async getReport(report: string, options?: CallOptions): Promise<ReportField[][]> {
    if (typeof report !== 'string') throw new TypeError(`report must be a string, not ${typeof report}`);
    return await this.#all(report, asFields(report), options);
  }

  /**
   * Gets a report again and again. A failure is a value of the iteration, not its end: a watch survives a
   * restart of chronyd, and you decide what an error means. It ends when you leave the loop, close the
   * connection, or abort the signal, whose reason it then throws. Only a watch that waits for its next turn
   * keeps the process alive.
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
    return watch(this, this.#link.ending, report, options);
  }

  /**
   * Closes the connection; calls under way reject with a {@link ChronyConnectionError}. A second time does
   * nothing.
   */
  async close(): Promise<void> {
    this.#end(
      () =>
        new ChronyConnectionError(`the connection to ${this.address || 'chronyd'} is closed; open another`, {
          code: CLOSED,
        }),
    );
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #end(reason: () => unknown): void {
    this.#stopListening?.();
    this.#link.close(reason);
  }

  #one<T>(decoder: ReportDecoder<T>, options: CallOptions | undefined): Promise<T> {
    return this.#link.use(options, (pool, signal) =>
      pool.use(signal, (channel) => channel.record(decoder.report, 0, (record) => decoder.decode(record))),
    );
  }

  #perSource<T>(decoder: ReportDecoder<T>, options: CallOptions | undefined): Promise<T[]> {
    return this.#present(decoder.report, asClass(decoder), options);
  }

  #all<T>(report: string, read: ReadRecord<T>, options: CallOptions | undefined): Promise<T[]> {
    return this.#link.use(options, (pool, signal) => fetchRecords(pool, report, signal, read));
  }

  /** All but those of sources that the report has nothing about. */
  async #present<T>(
    report: string,
    read: ReadRecord<T | null>,
    options: CallOptions | undefined,
  ): Promise<T[]> {
    return (await this.#all(report, read, options)).filter((record) => record !== null);
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
