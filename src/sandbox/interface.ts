/** The types of the sandbox's interface: the exports of the binary, and the functions that the host provides. */

declare const brand: unique symbol;
/** A `chrony_session *` in the sandbox. */
export type SessionPointer = number & { readonly [brand]: 'chrony_session' };
/** A `const char *` in the sandbox; 0 is NULL. */
export type StringPointer = number & { readonly [brand]: 'char' };

/** The exports of the binary. They are documented in the headers of `third_party/libchrony` and in `wasm/glue.c`. */
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
  /** A pointer to the buffer for the address of `glue_request_record_of_source`. */
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

/** A session's socket, used by the imports `send` and `recv` of `wasm/host.h`. */
export interface SandboxSocket {
  /**
   * Sends a datagram. The callee may keep the bytes. If it throws, the call of the C function that sent throws the
   * error.
   */
  send(datagram: Uint8Array): void;
  /** The datagram to process now, or null if there is none. */
  receive(): Uint8Array | null;
}

/** The parts of the library that are needed to read records. */
export interface Sandbox {
  readonly c: LibchronyExports;
  /** Reads a static string; null for NULL. Each string is decoded once. */
  staticString(pointer: StringPointer): string | null;
  /** Reads a string that the library may change later. Each character stands for a byte. Null for NULL. */
  string(pointer: StringPointer): string | null;
}
