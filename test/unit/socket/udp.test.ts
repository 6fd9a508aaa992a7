/** A UDP socket, connected to test servers on the loopback interface. */
import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, BlockList } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openUdp, SpareSockets } from '../../../src/socket/udp.ts';
import { type Opened, opening } from './opening.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const REQUEST = Uint8Array.of(1, 2, 3);

/** The loopback addresses; with IPv6 if the machine has it. */
const loopback = new BlockList();
loopback.addAddress('127.0.0.1');
loopback.addAddress('::1', 'ipv6');
const hosts = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ address, family }) => loopback.check(address, family === 'IPv6' ? 'ipv6' : 'ipv4'))
  .map(({ address }) => address);

/** A UDP server on a free port. */
class Server implements AsyncDisposable {
  readonly socket: Socket;
  readonly host: string;

  private constructor(host: string) {
    this.host = host;
    this.socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  }

  static async start(host = '127.0.0.1'): Promise<Server> {
    const server = new Server(host);
    server.socket.bind(0, host);
    await once(server.socket, 'listening');
    return server;
  }

  get port(): number {
    return this.socket.address().port;
  }

  connect(): Promise<Opened> {
    return opening((listener) => openUdp({ kind: 'udp', host: this.host, port: this.port }, listener));
  }

  /** Waits for the next request; returns it with its source address. */
  async request(): Promise<{ readonly bytes: Uint8Array; readonly from: AddressInfo }> {
    const [bytes, from] = await once(this.socket, 'message');
    return { bytes: Uint8Array.from(bytes), from };
  }

  async send(to: AddressInfo, ...datagrams: readonly Uint8Array[]): Promise<void> {
    for (const bytes of datagrams)
      await new Promise<void>((resolve, reject) => {
        this.socket.send(bytes, to.port, to.address, (error) => (error ? reject(error) : resolve()));
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(resolve));
  }
}

it('the machine has a loopback address', () => {
  expect(hosts).toContain('127.0.0.1');
});

describe.each(hosts)('to %s', (host) => {
  it('sends complete datagrams, and delivers datagrams of any length from the peer', async () => {
    await using server = await Server.start(host);
    using opened = await server.connect();
    opened.socket.awaiting(true);
    const request = server.request();
    opened.socket.send(REQUEST);
    const { bytes, from } = await request;
    expect(bytes).toEqual(REQUEST);
    await server.send(from, Uint8Array.of(7), Uint8Array.of(), new Uint8Array(2000).fill(9));
    await expect.poll(() => opened.received.map(({ length }) => length)).toEqual([1, 0, 2000]);
    expect(opened.failures).toEqual([]);
  });

  it('drops datagrams from other senders', async () => {
    await using server = await Server.start(host);
    await using stranger = await Server.start(host);
    using opened = await server.connect();
    opened.socket.awaiting(true);
    const request = server.request();
    opened.socket.send(REQUEST);
    const { from } = await request;
    await stranger.send(from, Uint8Array.of(66));
    await server.send(from, Uint8Array.of(1));
    // datagrams arrive in order: the stranger's would be first
    await expect.poll(() => opened.received).toEqual([Uint8Array.of(1)]);
  });

  it('fails once if the port is closed, and is closed then', async () => {
    const server = await Server.start(host);
    const opened = await server.connect();
    const { port } = server;
    await server[Symbol.asyncDispose]();
    opened.socket.awaiting(true);
    opened.socket.send(REQUEST);
    const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    await expect.poll(() => opened.failures).toHaveLength(1);
    expect(opened.failures[0]).toMatchObject({
      name: 'ChronyConnectionError',
      message: expect.stringContaining(`${at}: ECONNREFUSED; nothing listens there`),
    });
    const send = vi.spyOn(Socket.prototype, 'send');
    opened.socket.send(REQUEST);
    opened.socket.awaiting(true);
    opened.socket.close();
    await turn();
    expect(send).not.toHaveBeenCalled();
    expect(opened.failures).toHaveLength(1);
  });
});

it('keeps the process alive only while waiting for a reply', async () => {
  await using server = await Server.start();
  const calls: string[] = [];
  for (const name of ['ref', 'unref'] as const) {
    const original = Socket.prototype[name];
    vi.spyOn(Socket.prototype, name).mockImplementation(function (this: Socket) {
      calls.push(name);
      return original.call(this);
    });
  }
  using opened = await server.connect();
  opened.socket.awaiting(false);
  expect(calls.at(-1)).toBe('unref');
  opened.socket.awaiting(true);
  expect(calls.at(-1)).toBe('ref');
  opened.socket.awaiting(false);
  expect(calls.at(-1)).toBe('unref');
});

it('receives nothing after close(), which can be called twice', async () => {
  await using server = await Server.start();
  const opened = await server.connect();
  const request = server.request();
  opened.socket.send(REQUEST);
  const { from } = await request;
  const closed = vi.spyOn(Socket.prototype, 'close');
  // the datagram has arrived before the socket is closed
  await server.send(from, Uint8Array.of(1));
  opened.socket.close();
  opened.socket.close();
  opened.socket.send(REQUEST);
  opened.socket.awaiting(true);
  expect(closed).toHaveBeenCalledOnce();
  await turn();
  await turn();
  expect(opened.received).toEqual([]);
  expect(opened.failures).toEqual([]);
});

it('throws an error of this package if a socket cannot be connected at all', async () => {
  vi.spyOn(Socket.prototype, 'connect').mockImplementation(() => {
    throw Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' });
  });
  const closed = vi.spyOn(Socket.prototype, 'close');
  await expect(
    opening((listener) => openUdp({ kind: 'udp', host: '127.0.0.1', port: 323 }, listener)),
  ).rejects.toMatchObject({
    name: 'ChronyPermissionError',
    message: expect.stringContaining('127.0.0.1:323: ERR_ACCESS_DENIED'),
  });
  expect(closed).toHaveBeenCalledOnce();
});

describe.each(hosts)('spare sockets, to %s', (host) => {
  const spare = (server: Server, spares: SpareSockets): Promise<Opened> =>
    opening((listener) => openUdp({ kind: 'udp', host, port: server.port }, listener, spares));

  /** Exchanges a request and a reply, so that the socket can become a spare one. Returns the address of the socket. */
  async function exchange(server: Server, opened: Opened): Promise<AddressInfo> {
    opened.socket.awaiting(true);
    const request = server.request();
    opened.socket.send(REQUEST);
    const { from } = await request;
    await server.send(from, Uint8Array.of(1));
    await expect.poll(() => opened.received).toEqual([Uint8Array.of(1)]);
    return from;
  }

  it('are reused for the next endpoint, and all closed at the end', async () => {
    const closed = vi.spyOn(Socket.prototype, 'close');
    const spares = new SpareSockets();
    await using first = await Server.start(host);
    await using second = await Server.start(host);
    const connected = vi.spyOn(Socket.prototype, 'connect');
    const opened = await spare(first, spares);
    await exchange(first, opened);
    opened.socket.close();
    const next = await spare(second, spares);
    await exchange(second, next);
    expect(connected.mock.contexts[1]).toBe(connected.mock.contexts[0]);
    next.socket.close();
    expect(closed).not.toHaveBeenCalled();
    spares.close();
    expect(closed).toHaveBeenCalledOnce();
    const late = await spare(first, spares);
    late.socket.close();
    expect(closed).toHaveBeenCalledTimes(2);
  });

  it('are limited in number, and can be cleared in between', async () => {
    const closed = vi.spyOn(Socket.prototype, 'close');
    const spares = new SpareSockets(1);
    await using server = await Server.start(host);
    const two = [await spare(server, spares), await spare(server, spares)];
    for (const opened of two) await exchange(server, opened);
    for (const opened of two) opened.socket.close();
    expect(closed).toHaveBeenCalledOnce();
    spares.clear();
    expect(closed).toHaveBeenCalledTimes(2);
    const next = await spare(server, spares);
    await exchange(server, next);
    next.socket.close();
    expect(closed).toHaveBeenCalledTimes(2);
    spares.close();
    expect(closed).toHaveBeenCalledTimes(3);
  });

  it('receive nothing from the previous endpoint', async () => {
    const spares = new SpareSockets();
    await using first = await Server.start(host);
    await using second = await Server.start(host);
    const opened = await spare(first, spares);
    const from = await exchange(first, opened);
    // the datagram has arrived before the socket is reconnected
    await first.send(from, Uint8Array.of(66));
    opened.socket.close();
    using next = await spare(second, spares);
    await exchange(second, next);
    opened.socket.awaiting(true);
    opened.socket.send(REQUEST);
    opened.socket.close();
    expect(opened.received).toEqual([Uint8Array.of(1)]);
    expect(next.failures).toEqual([]);
    spares.close();
  });

  it('fail at once if the next port is closed', async () => {
    const spares = new SpareSockets();
    await using first = await Server.start(host);
    const opened = await spare(first, spares);
    await exchange(first, opened);
    opened.socket.close();
    const stopped = await Server.start(host);
    const next = await spare(stopped, spares);
    await stopped[Symbol.asyncDispose]();
    next.socket.awaiting(true);
    next.socket.send(REQUEST);
    await expect.poll(() => next.failures).toHaveLength(1);
    expect(next.failures[0]?.message).toContain('ECONNREFUSED');
    spares.close();
  });

  it('exclude sockets that can still receive a reply or a refusal', async () => {
    const spares = new SpareSockets();
    await using server = await Server.start(host);
    const opened = await spare(server, spares);
    const request = server.request();
    opened.socket.send(REQUEST);
    await request;
    const closed = vi.spyOn(Socket.prototype, 'close');
    opened.socket.close();
    expect(closed).toHaveBeenCalledOnce();
    spares.close();
  });

  it('do not keep the process alive', async () => {
    const spares = new SpareSockets();
    await using server = await Server.start(host);
    const opened = await spare(server, spares);
    await exchange(server, opened);
    const unref = vi.spyOn(Socket.prototype, 'unref');
    const ref = vi.spyOn(Socket.prototype, 'ref');
    opened.socket.close();
    expect(unref).toHaveBeenCalledOnce();
    const next = await spare(server, spares);
    expect(ref).not.toHaveBeenCalled();
    next.socket.awaiting(true);
    expect(ref).toHaveBeenCalledOnce();
    next.socket.close();
    spares.close();
  });
});
