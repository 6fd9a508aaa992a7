/**
 * A minimal non-blocking exchange over a Unix socket in Node.js 26: the C library's calls through
 * `node:ffi`, with a poll for the reply at each turn of the event loop.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { trackingRequest } from './raw-dgram.ts';

type NativeFunction = (...args: (number | bigint | Uint8Array)[]) => number | bigint;

interface Ffi {
  dlopen(
    path: null,
    functions: Record<string, { arguments: readonly string[]; return: string }>,
  ): { readonly functions: Record<string, NativeFunction> };
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

function address(path: string): Uint8Array {
  const bytes = Buffer.alloc(110);
  bytes.writeUInt16LE(AF_UNIX);
  bytes.write(path, 2);
  return bytes;
}

export class RawUnix {
  readonly #send: NativeFunction;
  readonly #recv: NativeFunction;
  readonly #close: NativeFunction;
  readonly #fd: number | bigint;
  readonly #dir: string;
  readonly #request = trackingRequest();
  readonly #reply = new Uint8Array(1024);

  constructor(path: string) {
    const ffi = process.getBuiltinModule('node:ffi' as 'fs') as unknown as Ffi;
    const data = ['int32', 'buffer', 'uint64', 'int32'];
    const name = ['int32', 'buffer', 'uint32'];
    const { functions } = ffi.dlopen(null, {
      socket: { arguments: ['int32', 'int32', 'int32'], return: 'int32' },
      bind: { arguments: name, return: 'int32' },
      connect: { arguments: name, return: 'int32' },
      send: { arguments: data, return: 'int64' },
      recv: { arguments: data, return: 'int64' },
      close: { arguments: ['int32'], return: 'int32' },
    });
    const call = (what: string): NativeFunction => functions[what] as NativeFunction;
    this.#send = call('send');
    this.#recv = call('recv');
    this.#close = call('close');
    this.#dir = mkdtempSync(join(dirname(path), 'raw-'));
    this.#fd = call('socket')(AF_UNIX, SOCK_DGRAM, 0);
    const own = address(join(this.#dir, 's'));
    const server = address(path);
    if (
      call('bind')(this.#fd, own, own.length) !== 0 ||
      call('connect')(this.#fd, server, server.length) !== 0
    ) {
      throw new Error(`${path} cannot be reached`);
    }
  }

  exchange(): Promise<void> {
    return new Promise((resolve) => {
      this.#send(this.#fd, this.#request, BigInt(this.#request.length), MSG_DONTWAIT);
      const look = (): void => {
        const length = this.#recv(this.#fd, this.#reply, BigInt(this.#reply.length), MSG_DONTWAIT);
        if (length > 0) resolve();
        else setImmediate(look);
      };
      setImmediate(look);
    });
  }

  close(): void {
    this.#close(this.#fd);
    rmSync(this.#dir, { recursive: true });
  }
}
