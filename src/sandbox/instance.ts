/**
 * The C library in its sandbox: instantiates the binary, lends it sockets and random numbers, and turns C strings into
 * JavaScript's. Nothing else in this package knows WebAssembly.
 */
import { Buffer } from 'node:buffer';
import loadBinary from '../../wasm/libchrony.wasm';
import { ChronyLibraryError } from '../errors.ts';
import { isAllowed } from './allowed-requests.ts';
import type { LibchronyExports, Sandbox, SandboxSocket, StringPointer } from './border.ts';
import { RecordReader } from './record.ts';

const REINSTALL =
  'the binary inside the package is damaged or was changed by a bundler; reinstall chrony-wasm (npm install chrony-wasm --force)';

const RAISE_LIMIT =
  'this process was refused the memory, or the address space, of which WebAssembly reserves 10 GB and uses little; ' +
  'raise the limit (ulimit -v, LimitAS=), or run node --disable-wasm-trap-handler, which does without';

/** Asking the system costs more than all the rest of a request, so it is asked for many at once. */
const POOL_SIZE = 4096;

/** Fills the bytes with random numbers good enough for cryptography. May throw. */
export type EntropySource = (bytes: Uint8Array<ArrayBuffer>) => void;

/** The system's random numbers, each given out once. */
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

/** `GLUE_ADDRESS_SIZE` of `wasm/record.h`: an address and its NUL. */
const ADDRESS_SIZE = 64;

/** One instance of the binary. Any number of sessions may live in it; their sockets are numbered here. */
export class Libchrony implements Sandbox {
  readonly c: LibchronyExports;
  /** The names of libchrony's reports, by their numbers. */
  readonly reports: readonly string[];
  /** The same, and after them the names of the reports that are extensions of libchrony. */
  readonly allReports: readonly string[];
  /** Reads the record of whichever session. */
  readonly record: RecordReader;
  /** In objects that are emptied: V8 may keep a table that the map has outgrown, with all that was in it. */
  readonly #sockets = new Map<number, { socket: SandboxSocket | undefined }>();
  #nextSocket = 0;
  /** True if it is not to be called any more. */
  discarded = false;
  /** What an import caught: nothing may be thrown through the frames of C, which would not be unwound. */
  #caught: unknown = null;
  /** Static strings, decoded once each: their pointers never change. */
  readonly #statics = new Map<StringPointer, string>();
  #memory = new Uint8Array(0);

  /**
   * @param binary - the bytes of `libchrony.wasm`; null if they were found damaged
   * @throws ChronyLibraryError if they are not that, or cannot be instantiated here.
   */
  constructor(binary: Uint8Array<ArrayBuffer> | null, entropy: EntropySource = systemEntropy()) {
    if (typeof WebAssembly === 'undefined') {
      throw new ChronyLibraryError(
        'WebAssembly is switched off in this process; run it without --jitless (or whatever disables it)',
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
      // what engines throw where they are refused the memory; nothing in the binary leads to it
      const advice = cause instanceof RangeError ? RAISE_LIMIT : REINSTALL;
      throw new ChronyLibraryError(`libchrony.wasm cannot be instantiated: ${advice}`, { cause });
    }
  }

  /** What `wasm/host.h` declares: -1 instead of an exception, which {@link takeCaught} gives later. */
  #imports(entropy: EntropySource) {
    return {
      send: (socket: number, pointer: number, length: number): number => {
        try {
          // a copy out of Node's pool: memory of its own would take longer than all the rest of a request
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

  /** It wants to send a request that is not a question. */
  #takenOver(): ChronyLibraryError {
    this.discard();
    return new ChronyLibraryError(
      'the sandboxed library tried to send a request that is not a question; nothing was sent. ' +
        'This is a fault of chrony-wasm, or an attack: please report it',
    );
  }

  /** It has crashed or was taken over, so its memory cannot be trusted: whatever comes next needs another instance. */
  discard(): void {
    this.discarded = true;
  }

  /** What the last failed import threw, once; null if it threw nothing. */
  takeCaught(): unknown {
    const caught = this.#caught;
    this.#caught = null;
    return caught;
  }

  /** The memory, valid until the sandbox runs again: growing the memory detaches what looks into it. */
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

  /** Writes an address for `glue_request_record_of_source`. One that is too long is no address, and is cut. */
  setAddress(address: string): void {
    const start = this.c.glue_get_address();
    const bytes = this.#bytes();
    const length = Math.min(address.length, ADDRESS_SIZE - 1);
    // no address has 0x7f, which stands for every character that is not ASCII, and for NUL, which would end the string
    for (let i = 0; i < length; i++) bytes[start + i] = Math.min(address.charCodeAt(i), 0x7f) || 0x7f;
    bytes[start + length] = 0;
  }

  /** Numbers a socket, for `glue_init_session`. */
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

  /** The C library's sentence for an error. */
  errorString(error: number): string {
    return this.staticString(this.c.chrony_get_error_string(error)) ?? `error ${error}`;
  }

  /** A string that lives as long as the instance: names of reports, fields, constants; error sentences. */
  staticString(pointer: StringPointer): string | null {
    const known = this.#statics.get(pointer);
    if (known !== undefined) return known;
    const text = this.string(pointer);
    if (text !== null) this.#statics.set(pointer, text);
    return text;
  }

  /** A string that the library may change later, a character for each byte; null for NULL. */
  string(pointer: StringPointer): string | null {
    if (pointer === 0) return null;
    const memory = this.#bytes();
    let text = '';
    // and no further than the memory, whatever is in there
    for (let at: number = pointer, code = memory[at]; code; code = memory[++at])
      text += String.fromCharCode(code);
    return text;
  }
}

let shared: Libchrony | undefined;

/**
 * The instance that all connections share, made when it is first needed, and anew when it was discarded.
 *
 * @throws ChronyLibraryError if the embedded binary is missing or damaged, or WebAssembly is switched off.
 */
export function sharedLibchrony(): Libchrony {
  if (shared === undefined || shared.discarded) shared = new Libchrony(loadBinary());
  return shared;
}
