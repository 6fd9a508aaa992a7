/**
 * The C library in its sandbox: instantiates the binary, provides sockets and random numbers, and converts C strings to
 * JavaScript strings. No other part of this package uses WebAssembly directly.
 */
import { Buffer } from 'node:buffer';
import loadBinary from '../../wasm/libchrony.wasm';
import { ChronyLibraryError } from '../errors.ts';
import { isAllowed } from './allowed-requests.ts';
import type { LibchronyExports, Sandbox, SandboxSocket, StringPointer } from './interface.ts';
import { RecordReader } from './record.ts';

const REINSTALL =
  'the binary inside the package is damaged or was changed by a bundler; reinstall chrony-wasm (npm install chrony-wasm --force)';

const RAISE_LIMIT =
  'the system refused memory or address space, of which WebAssembly reserves 10 GB and uses little; ' +
  'raise the limit (ulimit -v, LimitAS=), or run node --disable-wasm-trap-handler, which does not reserve it';

/** Random bytes are fetched in large blocks, because a system call takes more time than the rest of a request. */
const POOL_SIZE = 4096;

/** Fills the bytes with cryptographically secure random numbers. May throw. */
export type EntropySource = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Returns a source of the system's random numbers. Each byte is used once, then overwritten. */
export function systemEntropy(): EntropySource {
  const pool = new Uint8Array(POOL_SIZE);
  let used = POOL_SIZE;
  return (bytes) => {
    if (bytes.length > POOL_SIZE) {
      crypto.getRandomValues(bytes);
      return;
    }
    if (used + bytes.length > POOL_SIZE) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    for (let i = 0; i < bytes.length; i++, used++) {
      bytes[i] = pool[used] ?? 0;
      pool[used] = 0;
    }
  };
}

/** `GLUE_ADDRESS_SIZE` of `wasm/record.h`: the size of an address with its NUL. */
const ADDRESS_SIZE = 64;

/** An instance of the binary. It may contain any number of sessions, whose sockets are numbered here. */
export class Libchrony implements Sandbox {
  readonly c: LibchronyExports;
  /** The names of libchrony's reports; the index is the report's number. */
  readonly reports: readonly string[];
  /** The names of libchrony's reports, followed by the names of the extensions. */
  readonly allReports: readonly string[];
  /** Reads the current record of any session. */
  readonly record: RecordReader;
  /** The sockets, in objects that are emptied: V8 may keep the old hash table of a map, with its values. */
  readonly #sockets = new Map<number, { socket: SandboxSocket | undefined }>();
  #nextSocket = 0;
  /** True if the instance must not be called any more. */
  discarded = false;
  /** The error caught by an import. It must not be thrown through C's stack frames, which would not be unwound. */
  #caught: unknown = null;
  /** The static strings decoded so far. Their pointers never change. */
  readonly #statics = new Map<StringPointer, string>();
  #memory = new Uint8Array(0);

  /**
   * @param binary - the bytes of `libchrony.wasm`; null if they are damaged
   * @throws ChronyLibraryError if the bytes are not a valid binary, or cannot be instantiated
   */
  constructor(binary: Uint8Array<ArrayBuffer> | null, entropy: EntropySource = systemEntropy()) {
    if (typeof WebAssembly === 'undefined') {
      throw new ChronyLibraryError(
        'WebAssembly is disabled in this process; run it without --jitless or another option that disables it',
      );
    }
    if (binary === null) throw new ChronyLibraryError(`libchrony.wasm is damaged: ${REINSTALL}`);
    try {
      const imports = { chrony: this.#imports(entropy) };
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), imports);
      this.c = exports as LibchronyExports;
      this.c._initialize();
      const length = this.c.chrony_get_number_supported_reports();
      const extensions = this.c.chrony_get_number_extension_reports();
      this.allReports = Array.from(
        { length: length + extensions },
        (_, report) => this.staticString(this.c.glue_get_report_name(report)) ?? '',
      );
      this.reports = Object.freeze(this.allReports.slice(0, length));
      this.record = new RecordReader(this);
    } catch (cause) {
      // engines throw a RangeError if the system refuses the memory; the binary itself cannot cause one
      const advice = cause instanceof RangeError ? RAISE_LIMIT : REINSTALL;
      throw new ChronyLibraryError(`libchrony.wasm cannot be instantiated: ${advice}`, { cause });
    }
  }

  /**
   * The imports of `wasm/host.h`. Instead of throwing an error, they return -1; {@link takeCaught} returns the error.
   */
  #imports(entropy: EntropySource) {
    return {
      send: (socket: number, pointer: number, length: number): number => {
        try {
          // from Node's pool, because allocating separate memory takes more time than the rest of a request
          const datagram = Buffer.allocUnsafe(length);
          datagram.set(this.#bytes().subarray(pointer, pointer + length));
          if (!isAllowed(datagram)) throw this.#takenOver();
          this.#socket(socket).send(datagram);
          return length;
        } catch (error) {
          this.#caught = error;
          return -1;
        }
      },
      recv: (socket: number, pointer: number, size: number): number => {
        try {
          const datagram = this.#socket(socket).receive();
          if (datagram === null) return -1;
          const kept = datagram.length > size ? datagram.subarray(0, size) : datagram;
          this.#bytes().set(kept, pointer);
          return kept.length;
        } catch (error) {
          this.#caught = error;
          return -1;
        }
      },
      entropy: (pointer: number, length: number): number => {
        try {
          entropy(this.#bytes().subarray(pointer, pointer + length));
          return 0;
        } catch (error) {
          this.#caught = error;
          return -1;
        }
      },
    };
  }

  /** The error for a sandbox that tries to send a forbidden request. The instance is discarded. */
  #takenOver(): ChronyLibraryError {
    this.discard();
    return new ChronyLibraryError(
      'the sandboxed library tried to send a request that is not allowed; nothing was sent. ' +
        'This is a bug in chrony-wasm, or an attack: please report it',
    );
  }

  /** For an instance that has crashed or was taken over: its memory cannot be trusted, so it must not be used again. */
  discard(): void {
    this.discarded = true;
  }

  /** Returns and clears the error that the last failed import caught; null if there is none. */
  takeCaught(): unknown {
    const caught = this.#caught;
    this.#caught = null;
    return caught;
  }

  /** A view of the memory. Valid until the sandbox runs again, because growing the memory detaches its views. */
  #bytes(): Uint8Array<ArrayBuffer> {
    if (this.#memory.length === 0) this.#memory = new Uint8Array(this.c.memory.buffer);
    return this.#memory;
  }

  #socket(number: number): SandboxSocket {
    const socket = this.#sockets.get(number)?.socket;
    if (socket === undefined)
      throw new ChronyLibraryError(`the sandbox used socket ${number}, which is closed`);
    return socket;
  }

  /**
   * Writes an address for `glue_request_record_of_source`. A text that is too long is truncated: it is not an address.
   */
  setAddress(address: string): void {
    const start = this.c.glue_get_address();
    const bytes = this.#bytes();
    const length = Math.min(address.length, ADDRESS_SIZE - 1);
    // other characters than ASCII, and NUL, which would end the string, become 0x7f, which makes an address invalid
    for (let i = 0; i < length; i++) bytes[start + i] = Math.min(address.charCodeAt(i), 0x7f) || 0x7f;
    bytes[start + length] = 0;
  }

  /** Registers a socket and returns its number for `glue_init_session`. */
  addSocket(socket: SandboxSocket): number {
    const number = this.#nextSocket++;
    this.#sockets.set(number, { socket });
    return number;
  }

  removeSocket(number: number): void {
    const entry = this.#sockets.get(number);
    if (entry !== undefined) entry.socket = undefined;
    this.#sockets.delete(number);
  }

  /** The C library's message for an error. */
  errorString(error: number): string {
    return this.staticString(this.c.chrony_get_error_string(error)) ?? `error ${error}`;
  }

  /** Reads a static string: a name of a report, field or constant, or an error message. */
  staticString(pointer: StringPointer): string | null {
    const known = this.#statics.get(pointer);
    if (known !== undefined) return known;
    const text = this.string(pointer);
    if (text !== null) this.#statics.set(pointer, text);
    return text;
  }

  /** Reads a string that the library may change later. Each character stands for a byte. Null for NULL. */
  string(pointer: StringPointer): string | null {
    if (pointer === 0) return null;
    const memory = this.#bytes();
    let text = '';
    // ends at NUL, or at the end of the memory if there is none
    for (let at: number = pointer, code = memory[at]; code; code = memory[++at])
      text += String.fromCharCode(code);
    return text;
  }
}

let shared: Libchrony | undefined;

/**
 * Returns the instance that all connections share. It is created on first use, and again after it was discarded.
 *
 * @throws ChronyLibraryError if the embedded binary is missing or damaged, or WebAssembly is disabled
 */
export function sharedLibchrony(): Libchrony {
  if (shared === undefined || shared.discarded) shared = new Libchrony(loadBinary());
  return shared;
}
