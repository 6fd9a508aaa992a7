/** A minimal client of chronyd's control protocol for the mock, independent of the library. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  type MockChronyd,
  type MockChronydOptions,
  type Scenario,
  type ScenarioName,
  startMockChronyd,
} from '../../../src/testing/index.ts';

export interface RequestOptions {
  readonly version?: number;
  readonly type?: number;
  readonly length?: number;
  readonly sequence?: number;
  /** The body: a record index, or its bytes. */
  readonly body?: number | Uint8Array;
}

export const SEQUENCE = 0xcafe_f00d;

export function requestBytes(code: number, options: RequestOptions = {}): Buffer {
  const { version = 6, type = 1, length = 600, sequence = SEQUENCE, body } = options;
  const full = Buffer.alloc(Math.max(length, 40));
  full[0] = version;
  full[1] = type;
  full.writeUInt16BE(code, 4);
  full.writeUInt32BE(sequence, 8);
  if (typeof body === 'number') full.writeUInt32BE(body, 20);
  else if (body) full.set(body, 20);
  return full.subarray(0, length);
}

export class Client implements AsyncDisposable {
  readonly received: Buffer[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => this.received.push(datagram));
  }

  static async of(mock: MockChronyd): Promise<Client> {
    const host = mock.address.replace(/:\d+$/, '').replace(/[[\]]/g, '');
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    socket.connect(mock.port, host);
    await once(socket, 'connect');
    return new Client(socket);
  }

  send(datagram: Uint8Array): void {
    this.#socket.send(datagram);
  }

  /** Waits for the next `count` datagrams. */
  async take(count = 1): Promise<Buffer[]> {
    while (this.received.length < count) await once(this.#socket, 'message');
    return this.received.splice(0, count);
  }

  async ask(code: number, options: RequestOptions = {}): Promise<Reply> {
    this.send(requestBytes(code, options));
    const [datagram = Buffer.alloc(0)] = await this.take();
    return replyOf(datagram);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

/** Starts a mock and a client of it, for the duration of a test. */
export async function start(
  scenario: ScenarioName | Scenario = 'synchronized',
  options: MockChronydOptions = {},
) {
  const mock = await startMockChronyd(scenario, options);
  const client = await Client.of(mock);
  return {
    mock,
    client,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await mock.close();
    },
  };
}

export interface Reply {
  readonly code: number;
  readonly reply: number;
  readonly status: number;
  readonly sequence: number;
  readonly body: Buffer;
}

export function replyOf(datagram: Buffer): Reply {
  return {
    code: datagram.readUInt16BE(4),
    reply: datagram.readUInt16BE(6),
    status: datagram.readUInt16BE(8),
    sequence: datagram.readUInt32BE(16),
    body: datagram.subarray(28),
  };
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** A request body of 32-bit words. */
export function words(...values: readonly number[]): Uint8Array {
  const body = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) body.writeUInt32BE(value, 4 * i);
  return body;
}

/** An IPv4 address as it is encoded in a request. */
export function ipv4(a: number, b: number, c: number, d: number): Uint8Array {
  return Uint8Array.of(a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0);
}

/** Waits until the mock has received this many requests, and then a little longer, so that it could have answered. */
export async function received(mock: MockChronyd, requests: number): Promise<void> {
  await expect.poll(() => mock.requests.length, { interval: 2 }).toBeGreaterThanOrEqual(requests);
  await pause(50);
  // if the process was blocked, datagrams may not have been read yet
  for (let i = 0; i < 10; i++) await turn();
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
