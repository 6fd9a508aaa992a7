/**
 * A proxy for a real chronyd with frozen reports. It forwards requests over the Unix socket, on which every report
 * is allowed, and caches the first reply to each request for all clients. Two programs thus see the same bytes,
 * although the values change every nanosecond and chronyd counts every request.
 */
import type { DatagramSocket } from '../../src/socket/socket.ts';

import { parseRequest, REQUEST_HEADER_LENGTH } from '../../src/testing/requests.ts';
import { openUdp, type Transport } from '../../src/testing/transport.ts';
import type { Chronyd } from './chronyd.ts';
import { openedUnix } from './sockets.ts';

/** The offsets of the sequence number, by which a reply is matched to its request. */
const REQUEST_SEQUENCE = 8;
const REPLY_SEQUENCE = 16;

function sequenceAt(datagram: Uint8Array, offset: number): number {
  return new DataView(datagram.buffer, datagram.byteOffset).getUint32(offset);
}

export class FrozenChronyd implements AsyncDisposable {
  readonly #udp: Transport;
  /** The cached replies by request content. */
  readonly #replies = new Map<string, Uint8Array>();
  /** The pending requests and their clients, by sequence number. */
  readonly #waiting = new Map<number, { readonly question: string; readonly client: string }>();
  #unix: DatagramSocket | null = null;

  private constructor(udp: Transport) {
    this.#udp = udp;
  }

  static async of(chronyd: Chronyd): Promise<FrozenChronyd> {
    const frozen = new FrozenChronyd(await openUdp('127.0.0.1', 0));
    try {
      // the bytes are valid only until this callback returns
      const unix = await openedUnix(chronyd.socketPath, (reply) => frozen.#replied(reply.slice()));
      frozen.#unix = unix;
      unix.awaiting(true);
      frozen.#udp.receive((request, client) => frozen.#asked(request, client));
      return frozen;
    } catch (error) {
      await frozen[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The address on which it answers, over UDP. */
  get address(): string {
    return this.#udp.address;
  }
  get port(): number {
    return this.#udp.port;
  }

  /** Clears the cache, so that the next replies are current. */
  refresh(): void {
    this.#replies.clear();
  }

  #asked(datagram: Uint8Array, client: string): void {
    const code = parseRequest(datagram)?.code;
    // the length of the padding depends on the client
    const body = Buffer.from(datagram.subarray(REQUEST_HEADER_LENGTH))
      .toString('hex')
      .replace(/(00)+$/, '');
    const question = `${code} ${body}`;
    const sequence = sequenceAt(datagram, REQUEST_SEQUENCE);
    this.#waiting.set(sequence, { question, client });
    const known = this.#replies.get(question);
    if (known === undefined) this.#unix?.send(datagram);
    else this.#answer(sequence, known);
  }

  #replied(reply: Uint8Array): void {
    const sequence = sequenceAt(reply, REPLY_SEQUENCE);
    const question = this.#waiting.get(sequence)?.question;
    if (question === undefined) return;
    const first = this.#replies.get(question) ?? reply;
    this.#replies.set(question, first);
    this.#answer(sequence, first);
  }

  #answer(sequence: number, reply: Uint8Array): void {
    const client = this.#waiting.get(sequence)?.client;
    this.#waiting.delete(sequence);
    if (client === undefined) return;
    const datagram = Uint8Array.from(reply);
    new DataView(datagram.buffer).setUint32(REPLY_SEQUENCE, sequence);
    this.#udp.send(datagram, client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unix?.close();
    await this.#udp.close();
  }
}
