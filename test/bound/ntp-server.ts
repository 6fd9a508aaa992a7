/** An NTP server that has the true time, over a network that can be made bad. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TrueTime } from './true-time.ts';

const LENGTH = 48;
/** From 1900, where NTP counts from, to 1970, in seconds. */
const NTP_ERA = 2_208_988_800n;
/** No leap second pending, version 4, a server's answer. */
const HEADER = 0x24;
/** It reads its clock to 2^-20 s. */
const PRECISION = -20;
/** 31 µs, in units of 2^-16 s: more than that its reading is off. */
const ROOT_DISPERSION = 2;

function timestamp(ns: bigint): bigint {
  const second = 1_000_000_000n;
  return ((ns / second + NTP_ERA) << 32n) | (((ns % second) << 32n) / second);
}

export class NtpServer implements AsyncDisposable {
  /** How long a datagram takes, each way, in milliseconds; null if it does not arrive. */
  delays: () => { readonly there: number; readonly back: number } | null = () => ({ there: 0, back: 0 });
  readonly #socket: Socket;
  readonly #time: TrueTime;
  #open = true;

  private constructor(socket: Socket, time: TrueTime) {
    this.#socket = socket;
    this.#time = time;
    socket.on('message', (request, client) => this.#answer(request, client));
  }

  static async start(time: TrueTime): Promise<NtpServer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new NtpServer(socket, time);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async #answer(request: Buffer, { port, address }: RemoteInfo): Promise<void> {
    const delays = this.delays();
    if (request.length < LENGTH || delays === null) return;
    if (delays.there > 0) await sleep(delays.there);
    const received = timestamp(this.#time.now());
    const reply = Buffer.alloc(LENGTH);
    reply.set([HEADER, 1, request.readUInt8(2)]);
    reply.writeInt8(PRECISION, 3);
    reply.writeUInt32BE(ROOT_DISPERSION, 8);
    reply.write('TRUE', 12, 'latin1');
    reply.writeBigUInt64BE(received, 16);
    // what the client sent comes back to it
    request.copy(reply, 24, 40, LENGTH);
    reply.writeBigUInt64BE(received, 32);
    reply.writeBigUInt64BE(timestamp(this.#time.now()), 40);
    if (delays.back > 0) await sleep(delays.back);
    if (this.#open) this.#socket.send(reply, port, address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    this.#socket.close();
  }
}
