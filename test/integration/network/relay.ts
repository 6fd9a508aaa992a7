/** A simulated bad network: relays datagrams between clients and a server on the loopback and injects faults. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { noFaults, type Random, seededRandom, withFaults } from '../../../src/testing/faults.ts';
import { REPLY_HEADER_LENGTH } from '../../../src/testing/reply.ts';
import type { Condition } from './conditions.ts';

/** The offsets of the sequence number in a request and in a reply. */
const REQUEST_SEQUENCE = 8;
const REPLY_SEQUENCE = 16;

export class Relay implements AsyncDisposable {
  readonly #front: Socket;
  readonly #back: Socket;
  readonly #condition: Condition;
  readonly #random: Random;
  /** The sender of each request, by sequence number. */
  readonly #clients = new Map<number, { readonly address: string; readonly port: number }>();
  readonly #underWay = new Set<NodeJS.Timeout>();

  private constructor(front: Socket, back: Socket, condition: Condition, seed: number) {
    this.#front = front;
    this.#back = back;
    this.#condition = condition;
    this.#random = seededRandom(seed);
    front.on('message', (datagram, client) => {
      if (datagram.length < REQUEST_SEQUENCE + 4) return;
      this.#clients.set(datagram.readUInt32BE(REQUEST_SEQUENCE), client);
      this.#carry(datagram, (carried) => back.send(carried));
    });
    back.on('message', (datagram) => {
      if (datagram.length < REPLY_SEQUENCE + 4) return;
      const client = this.#clients.get(datagram.readUInt32BE(REPLY_SEQUENCE));
      if (client === undefined) return;
      this.#carry(datagram, (carried) => front.send(carried, client.port, client.address));
    });
  }

  /** @param serverPort - the port of the server on 127.0.0.1 */
  static async start(serverPort: number, condition: Condition, seed: number): Promise<Relay> {
    const front = createSocket('udp4').bind(0, '127.0.0.1');
    const back = createSocket('udp4');
    back.connect(serverPort, '127.0.0.1');
    await Promise.all([once(front, 'listening'), once(back, 'connect')]);
    return new Relay(front, back, condition, seed);
  }

  get address(): string {
    return `127.0.0.1:${this.#front.address().port}`;
  }

  /** Delivers a datagram with the faults of the condition, which are the same in both directions. */
  #carry(datagram: Uint8Array, deliver: (datagram: Uint8Array) => void): void {
    const faults = { ...noFaults, ...this.#condition.faults(this.#random, datagram.length) };
    for (const { datagram: carried, delayMs = 0 } of withFaults(
      datagram,
      faults,
      REPLY_HEADER_LENGTH,
      this.#random,
    )) {
      const timer = setTimeout(() => {
        this.#underWay.delete(timer);
        deliver(carried);
      }, delayMs);
      this.#underWay.add(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#underWay) clearTimeout(timer);
    this.#front.close();
    this.#back.close();
  }
}
