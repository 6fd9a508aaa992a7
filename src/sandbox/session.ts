/**
 * A `chrony_session`: one request at a time, and only synchronous calls. It depends only on the C library and on a
 * function that sends: it uses no `node:*` module, no clock and no timers.
 */
import { ChronyError } from '../errors.ts';
import { ChronyErr, CLIENTS, invalidSourceAddress, libraryError, unknownReport } from './errors.ts';
import type { Libchrony } from './instance.ts';
import type { SandboxSocket, SessionPointer } from './interface.ts';
import type { RecordReader } from './record.ts';

/** The maximum number of entries in a reply: the samples of the manual list. */
const MAX_ENTRIES = 16;

export class Session implements SandboxSocket {
  readonly #library: Libchrony;
  readonly #pointer: SessionPointer;
  readonly #socket: number;
  readonly #peer: string;
  /** Only called by the sandbox. */
  readonly send: (datagram: Uint8Array) => void;
  #incoming: Uint8Array | null = null;
  #report = '';
  #closed = false;

  /**
   * @param peer - the address of chronyd, for messages
   * @param send - sends one datagram, whose bytes it may keep. If it throws, the request that sent throws the error.
   * @throws ChronyLibraryError if the sandbox has no memory for the session
   */
  constructor(library: Libchrony, peer: string, send: (datagram: Uint8Array) => void) {
    this.#library = library;
    this.#peer = peer;
    this.send = send;
    this.#socket = library.addSocket(this);
    this.#pointer = library.c.glue_init_session(this.#socket);
    if (this.#pointer < 0) {
      library.removeSocket(this.#socket);
      throw this.#error(-this.#pointer);
    }
  }

  /** Only called by the sandbox. */
  receive(): Uint8Array | null {
    const datagram = this.#incoming;
    this.#incoming = null;
    return datagram;
  }

  /** Ends the session. Afterwards, no other method may be called. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#library.removeSocket(this.#socket);
    if (this.#library.discarded) return;
    try {
      this.#library.c.chrony_deinit_session(this.#pointer);
    } catch {
      // the call trapped: nothing waits for this session's reply, but the instance must not be used again
      this.#library.discard();
    }
  }

  /** The result of {@link requestNumberRecords}. */
  get numberRecords(): number {
    return this.#library.c.chrony_get_report_number_records(this.#pointer);
  }

  /**
   * The current record. Available after {@link process}, once no request is outstanding, until the next request. Valid
   * only in the same turn of the event loop.
   */
  get record(): RecordReader {
    return this.#library.record.of(this.#pointer, this.#report);
  }

  /** True while a request is outstanding: pass the received datagrams to {@link process}. */
  get needsResponse(): boolean {
    return this.#library.c.chrony_needs_response(this.#pointer) !== 0;
  }

  /** @throws ChronyError */
  requestNumberRecords(report: string): void {
    const index = this.#begin(report);
    const error = this.#library.c.glue_request_number_records(this.#pointer, index);
    if (error !== 0) throw this.#error(error);
  }

  /** @throws ChronyError */
  requestRecord(report: string, record: number): void {
    const index = this.#begin(report);
    const error = this.#library.c.glue_request_record(this.#pointer, index, record);
    if (error !== 0) throw this.#error(error);
  }

  /**
   * Requests the record of the source with this address, of a report that chronyd looks up by address: `authdata`,
   * `ntpdata` or `sourcename`.
   *
   * @throws ChronyError
   */
  requestRecordOfSource(report: string, address: string): void {
    const index = this.#begin(report);
    this.#library.setAddress(address);
    const error = this.#library.c.glue_request_record_of_source(this.#pointer, index);
    if (error === ChronyErr.INVALID_ARGUMENT) throw invalidSourceAddress(address);
    if (error !== 0) throw this.#error(error);
  }

  /**
   * Requests a batch of clients.
   *
   * @param firstIndex - the start of the batch in chronyd's table, 0 to 2³²−1
   * @param minimumHits - clients with fewer requests of each kind are left out, 0 to 2³²−1
   * @throws ChronyError
   */
  requestClients(firstIndex: number, minimumHits: number): void {
    this.#begin(CLIENTS);
    const error = this.#library.c.chrony_request_clients(this.#pointer, firstIndex, minimumHits);
    if (error !== 0) throw this.#error(error);
  }

  /**
   * The number of entries in the reply: clients, or samples of the manual list. Limited to 16 even if the sandbox was
   * taken over.
   */
  get numberEntries(): number {
    return Math.min(this.#library.c.chrony_get_number_entries(this.#pointer), MAX_ENTRIES);
  }

  /** Makes an entry the current {@link record}. The first entry is 0; the entry must exist. */
  entry(index: number): RecordReader {
    this.#library.c.chrony_select_entry(this.#pointer, index);
    return this.record;
  }

  /**
   * Processes a received datagram. A datagram that is not the reply is ignored. May send a follow-up request.
   *
   * @throws ChronyError if the reply is an error; no request is outstanding then
   */
  process(datagram: Uint8Array): void {
    this.#incoming = datagram;
    const error = this.#library.c.chrony_process_response(this.#pointer);
    if (error !== 0) throw this.#error(error);
  }

  #begin(report: string): number {
    this.#report = report;
    const index = this.#library.allReports.indexOf(report);
    if (index >= 0) return index;
    throw unknownReport(report, this.#library.reports);
  }

  #error(errorCode: number): ChronyError {
    const cause = this.#library.takeCaught();
    if (cause instanceof ChronyError) return cause;
    const sentence = this.#library.errorString(errorCode);
    return libraryError(errorCode, sentence, this.#report, this.#peer, cause);
  }
}
