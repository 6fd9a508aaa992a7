/** The border of the sandbox, as types: what the binary exports, and what it needs of its host. */

declare const brand: unique symbol;
/** A `chrony_session *` in the sandbox. */
export type SessionPointer = number & { readonly [brand]: 'chrony_session' };
/** A `const char *` in the sandbox; 0 is NULL. */
export type StringPointer = number & { readonly [brand]: 'char' };

/** What the binary exports; the headers in `third_party/libchrony` and `wasm/glue.c` document
 * each of them. */
export interface LibchronyExports {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;

  chrony_get_error_string(error: number): StringPointer;
  chrony_get_number_supported_reports(): number;
  chrony_get_number_extension_reports(): number;
  glue_get_report_name(report: number): StringPointer;

  glue_init_session(socket: number): SessionPointer;
  chrony_deinit_session(session: SessionPointer): void;
  chrony_needs_response(session: SessionPointer): number;
  chrony_process_response(session: SessionPointer): number;

  glue_request_number_records(session: SessionPointer, report: number): number;
  chrony_get_report_number_records(session: SessionPointer): number;
  glue_request_record(session: SessionPointer, report: number, record: number): number;
  /** Where the address for the next function is written. */
  glue_get_address(): number;
  glue_request_record_of_source(session: SessionPointer, report: number): number;
  chrony_request_clients(session: SessionPointer, firstIndex: number, minimumHits: number): number;
  chrony_get_number_entries(session: SessionPointer): number;
  chrony_select_entry(session: SessionPointer, entry: number): number;

  chrony_get_field_type(session: SessionPointer, field: number): number;
  chrony_get_field_content(session: SessionPointer, field: number): number;
  chrony_get_field_uinteger(session: SessionPointer, field: number): bigint;
  chrony_get_field_integer(session: SessionPointer, field: number): bigint;
  chrony_get_field_constant_name(session: SessionPointer, field: number, value: bigint): StringPointer;
  chrony_get_field_float(session: SessionPointer, field: number): number;
  /** Negative before 1970. */
  glue_get_seconds(session: SessionPointer, field: number): bigint;
  glue_get_nanoseconds(session: SessionPointer, field: number): number;

  glue_get_record(): number;
  glue_read_record(session: SessionPointer): number;
}

/** What a session's socket does for the sandbox: the `send` and `recv` of `wasm/host.h`. */
export interface SandboxSocket {
  /**
   * Sends a datagram. The bytes are the callee's to keep. May throw; the caller of the C function sees it.
   */
  send(datagram: Uint8Array): void;
  /** The datagram to process now, or null if there is none. */
  receive(): Uint8Array | null;
}

/** What is needed to read what is in the sandbox. */
export interface Sandbox {
  readonly c: LibchronyExports;
  /** A string that lives as long as the sandbox; null for NULL. Decoded once. */
  staticString(pointer: StringPointer): string | null;
  /** A string that the library may change later, a character for each byte; null for NULL. */
  string(pointer: StringPointer): string | null;
}
