/**
 * One `chrony_session`: a request at a time, all of it synchronous. Knows the C library's border and a
 * function that sends; no `node:*` module, no time, no waiting.
 */
import { ChronyError } from '../errors.ts';
import type { SandboxSocket, SessionPointer } from './border.ts';
import { ChronyErr, CLIENTS, invalidSourceAddress, libraryError, unknownReport } from './errors.ts';
import type { Libchrony } from './instance.ts';
import type { RecordReader } from './record.ts';

/** The most entries that a reply has room for: the samples of the manual list. */
const MAX_ENTRIES = 16;

export class Session implements SandboxSocket {
  readonly #library: Libchrony;
  readonly #pointer: SessionPointer;
  readonly #socket: number;
  readonly #peer: string;
  /** For the sandbox alone. */
  readonly send: (datagram: Uint8Array) => void;
  #incoming: Uint8Array | null = null;
  #report = '';
  #closed = false;

  /**
   * @param peer - whom it asks, for messages
   * @param send - sends one datagram, whose bytes it may keep. What it throws comes out of the call that
   *   sent.
   * @throws ChronyLibraryError if the sandbox has no memory for it.
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

  /** For the sandbox alone. */
  receive(): Uint8Array | null {
    const datagram = this.#incoming;
    this.#incoming = null;
    return datagram;
  }

  /** Ends the session. Nothing may be called afterwards but this. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#library.removeSocket(this.#socket);
    if (this.#library.discarded) return;
    try {
      this.#library.c.chrony_deinit_session(this.#pointer);
    } catch {
      // it trapped: nobody waits for an answer any more, but nobody is to get another from it
      this.#library.discard();
    }
  }

  /** The answer to {@link requestNumberRecords}. */
  get numberRecords(): number {
    return this.#library.c.chrony_get_report_number_records(this.#pointer);
  }

  /**
   * The record held: after {@link process} has left nothing outstanding, until the next request. Gone at the end of the
   * turn.
   */
  get record(): RecordReader {
    return this.#library.record.of(this.#pointer, this.#report);
  }

  /** True while an answer is awaited: hand the datagrams that arrive to {@link process}. */
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
   * Requests a record of the source with an address, of a report that chronyd is asked for by address: `authdata`,
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
   * @param firstIndex - where the batch starts in chronyd's table, 0 to 2³²−1
   * @param minimumHits - leaves out clients with fewer requests of each kind, 0 to 2³²−1
   * @throws ChronyError
   */
  requestClients(firstIndex: number, minimumHits: number): void {
    this.#begin(CLIENTS);
    const error = this.#library.c.chrony_request_clients(this.#pointer, firstIndex, minimumHits);
    if (error !== 0) throw this.#error(error);
  }

  /** The number of entries in the record held: clients, or samples of the manual list. At most 16, whatever the sandbox says. */
  get numberEntries(): number {
    return Math.min(this.#library.c.chrony_get_number_entries(this.#pointer), MAX_ENTRIES);
  }

  /** Makes an entry, counted from 0, the {@link record} held. There must be one. */
  entry(index: number): RecordReader {
    this.#library.c.chrony_select_entry(this.#pointer, index);
    return this.record;
  }

  /**
   * Takes a datagram that has arrived. One that is not the answer changes nothing. May send a follow-up
   * request.
   *
   * @throws ChronyError if the answer is an error; nothing is outstanding then.
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
