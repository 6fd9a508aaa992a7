/** A reference clock for a chronyd with `refclock SOCK`. It sends the samples that a GPS daemon would send. */
import { endianness } from 'node:os';
import type { DatagramSocket } from '../../src/socket/socket.ts';
import { openedUnix } from './sockets.ts';

/** The interval between samples. */
const EVERY_MS = 100;

/** The last field of a sample, by which chronyd recognizes it. */
const MAGIC = 0x534f434b;

/**
 * A sample as documented in the manual of chrony.conf: seconds, microseconds, offset, pulse, leap, padding, magic.
 */
function sample(offset: number): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(40));
  const little = endianness() === 'LE';
  const now = Date.now();
  bytes.setBigInt64(0, BigInt(Math.floor(now / 1000)), little);
  bytes.setBigInt64(8, BigInt((now % 1000) * 1000), little);
  bytes.setFloat64(16, offset, little);
  bytes.setInt32(36, MAGIC, little);
  return new Uint8Array(bytes.buffer);
}

export class FedClock implements Disposable {
  readonly #socket: DatagramSocket;
  readonly #timer: NodeJS.Timeout;

  private constructor(socket: DatagramSocket, offset: number) {
    this.#socket = socket;
    this.#timer = setInterval(() => socket.send(sample(offset)), EVERY_MS);
  }

  /**
   * @param path - the socket that chronyd created
   * @param offset - reported offset of the system clock, in seconds; positive if the system clock is slow
   */
  static async start(path: string, offset: number): Promise<FedClock> {
    return new FedClock(await openedUnix(path), offset);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}
