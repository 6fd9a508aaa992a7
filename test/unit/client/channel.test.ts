/** A channel on a scripted socket, with fake time. */

import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  Channel,
  type Exchange,
  type Requester,
  requestCount,
  requestNothing,
} from '../../../src/client/channel.ts';
import { readOptions } from '../../../src/client/options.ts';
import { ChronyConnectionError, ChronyDataError, ChronyLibraryError } from '../../../src/errors.ts';
import { decoders } from '../../../src/reports/index.ts';
import { type Libchrony, sharedLibchrony } from '../../../src/sandbox/instance.ts';
import type { LibchronyExports } from '../../../src/sandbox/interface.ts';
import type { Session } from '../../../src/sandbox/session.ts';
import type { Endpoint } from '../../../src/socket/address.ts';
import type { DatagramListener, DatagramSocket, OpenSocket } from '../../../src/socket/socket.ts';
import { answer } from '../../../src/testing/answer.ts';
import { encodeRefusal, encodeReply, ReplyStatus } from '../../../src/testing/reply.ts';
import { parseRequest } from '../../../src/testing/requests.ts';
import { scenarios } from '../../../src/testing/scenarios.ts';
import { numberIn } from '../../support/record.ts';
import { type FakeTime, fakeTime, TURN_MS } from '../util/fake-time.ts';

const ENDPOINT: Endpoint = { kind: 'udp', host: '192.0.2.1', port: 323 };
const PEER = '192.0.2.1:323';
const TIMEOUT_MS = 100;
const RETRIES = 2;
const ENOUGH = new Error('enough');

const scenario = scenarios.synchronized();
const STRATUM = scenario.tracking.stratum;

/** A socket whose events the test triggers. */
class ScriptedSocket implements DatagramSocket {
  readonly sent: Uint8Array[] = [];
  readonly awaited: boolean[] = [];
  closings = 0;
  readonly #listener: DatagramListener;

  constructor(listener: DatagramListener) {
    this.#listener = listener;
  }

  send(datagram: Uint8Array): void {
    this.sent.push(datagram);
  }

  awaiting(reply: boolean): void {
    this.awaited.push(reply);
  }

  close(): void {
    this.closings++;
  }

  open(): this {
    this.#listener.opened(this);
    return this;
  }

  fail(error: ChronyConnectionError): void {
    this.#listener.failed(error);
  }

  receive(datagram: Uint8Array): void {
    this.#listener.datagram(datagram);
  }

  /** Delivers chronyd's reply to a request, by default the last one. */
  reply(request = this.request()): void {
    this.receive(answer(scenario, request) ?? expect.fail('chronyd would not reply'));
  }

  refuse(status: number): void {
    this.receive(encodeRefusal(parsed(this.request()), status));
  }

  /** Returns a sent request, by default the last one. */
  request(index = -1): Uint8Array {
    return this.sent.at(index) ?? expect.fail('no such request');
  }
}

function parsed(request: Uint8Array) {
  return parseRequest(request) ?? expect.fail('not a request');
}

/** An exchange that records its results. */
class RecordedExchange<T> implements Exchange<T> {
  readonly report: string;
  readonly record: number | Requester;
  readonly read: (session: Session) => T;
  readonly values: T[] = [];
  readonly reasons: unknown[] = [];
  tries = 0;
  next: (() => void) | undefined;

  constructor(report: string, record: number | Requester, read: (session: Session) => T) {
    this.report = report;
    this.record = record;
    this.read = read;
  }

  done(value: T): void {
    this.values.push(value);
    this.next?.();
  }

  failed(reason: unknown): void {
    this.reasons.push(reason);
    this.next?.();
  }

  get isUnderWay(): boolean {
    return this.values.length + this.reasons.length === 0;
  }
}

const tracking = () => new RecordedExchange('tracking', 0, ({ record }) => numberIn(record, 'stratum'));

let time: FakeTime;
let library: Libchrony;
/** The number of sessions in the sandbox. */
let sessions: () => number;
let socket: ScriptedSocket;
let channel: Channel;

beforeEach(() => {
  time = fakeTime();
  library = sharedLibchrony();
  const added = vi.spyOn(library, 'addSocket');
  const removed = vi.spyOn(library, 'removeSocket');
  sessions = () => added.mock.calls.length - removed.mock.calls.length;
  channel = newChannel();
});
afterEach(() => {
  channel.close(ENOUGH);
  if (!library.discarded) expect(sessions()).toBe(0);
  vi.restoreAllMocks();
});

/** Creates a channel whose socket is not open yet. */
function newChannel(endpoint = ENDPOINT): Channel {
  const open: OpenSocket = (opened, listener) => {
    expect(opened).toBe(endpoint);
    socket = new ScriptedSocket(listener);
  };
  return new Channel(endpoint, { ...readOptions({ timeoutMs: TIMEOUT_MS, retries: RETRIES }), open });
}

/** Starts an exchange on an open socket. */
function start<T>(exchange: Exchange<T>): void {
  if (socket.awaited.length === 0) socket.open();
  channel.ask(exchange);
}

/** Replaces functions of the sandbox until the end of the test. */
function replace(functions: Partial<LibchronyExports>): void {
  const instance = library;
  Object.defineProperty(instance, 'c', { value: { ...instance.c, ...functions } });
  onTestFinished(() => instance.discard());
}

/** Makes a function of the sandbox trap. */
function sabotage(where: keyof LibchronyExports): void {
  const trap = (): never => {
    throw Object.assign(new Error('unreachable'), { name: 'RuntimeError' });
  };
  replace({ [where]: trap });
}

const crashed = expect.objectContaining({
  name: 'ChronyLibraryError',
  message: `${PEER}: the sandboxed library crashed; this is a bug in chrony-wasm, please report it`,
});

describe('an exchange', () => {
  it('sends one request and completes with the value from its reply', () => {
    const exchange = tracking();
    start(exchange);
    expect(socket.sent).toHaveLength(1);
    expect(exchange.isUnderWay).toBe(true);
    socket.reply();
    expect(exchange).toMatchObject({ values: [STRATUM], reasons: [] });
    expect(socket.sent).toHaveLength(1);
  });

  it('waits until the socket is open', () => {
    const exchange = tracking();
    channel.ask(exchange);
    time.pass(60_000);
    expect(socket.sent).toEqual([]);
    expect(exchange.isUnderWay).toBe(true);
    socket.open();
    expect(socket.sent).toHaveLength(1);
    socket.reply();
    expect(exchange.values).toEqual([STRATUM]);
  });

  it('can only open the socket', () => {
    const exchange = new RecordedExchange('', requestNothing, () => 'open');
    channel.ask(exchange);
    expect(exchange.isUnderWay).toBe(true);
    socket.open();
    expect(exchange.values).toEqual(['open']);
    expect(socket.sent).toEqual([]);
    expect(socket.awaited).toEqual([false]);
  });

  it('can request the number of records', () => {
    const exchange = new RecordedExchange('sources', requestCount, ({ numberRecords }) => numberRecords);
    start(exchange);
    socket.reply();
    expect(exchange.values).toEqual([scenario.sources.length]);
  });

  it('can send several requests, one after the other', () => {
    const exchange = new RecordedExchange('authdata', 0, ({ record }) => record.length);
    start(exchange);
    expect(socket.sent).toHaveLength(1);
    socket.reply();
    expect(exchange.isUnderWay).toBe(true);
    expect(socket.sent).toHaveLength(2);
    socket.reply();
    expect(exchange.values).toEqual([expect.any(Number)]);
    expect(exchange.values).not.toEqual([0]);
  });

  it('reuses the session of the previous exchange and ignores a second reply to that one', () => {
    const [one, other] = [tracking(), tracking()];
    start(one);
    socket.reply();
    start(other);
    socket.reply(socket.request(0));
    expect(other.isUnderWay).toBe(true);
    socket.reply();
    expect([one.values, other.values]).toEqual([[STRATUM], [STRATUM]]);
    expect(sessions()).toBe(1);
  });

  it('ignores datagrams that are not its reply', () => {
    const exchange = tracking();
    start(exchange);
    for (const datagram of [new Uint8Array(), new Uint8Array(28), new Uint8Array(2000).fill(0xff)])
      socket.receive(datagram);
    socket.receive(encodeRefusal({ ...parsed(socket.request()), sequence: 1 }, ReplyStatus.FAILED));
    expect(exchange.isUnderWay).toBe(true);
    socket.reply();
    expect(exchange.values).toEqual([STRATUM]);
  });
});

it('drops datagrams that arrive while the channel is idle', () => {
  const process = vi.fn(library.c.chrony_process_response);
  replace({ chrony_process_response: process });
  socket.open();
  socket.receive(new Uint8Array(104));
  start(tracking());
  socket.reply();
  expect(process).toHaveBeenCalledOnce();
  socket.reply();
  socket.refuse(ReplyStatus.FAILED);
  expect(process).toHaveBeenCalledOnce();
  expect(channel.usable).toBe(true);
});

describe('timeouts', () => {
  it('send a new request after doubled intervals, and finally fail the exchange', () => {
    const exchange = tracking();
    start(exchange);
    const counts: number[] = [];
    for (const ms of [TIMEOUT_MS, 2 * TIMEOUT_MS, 4 * TIMEOUT_MS]) {
      time.pass(ms);
      counts.push(socket.sent.length);
      expect(exchange.isUnderWay).toBe(true);
      time.pass(TURN_MS);
    }
    expect(counts).toEqual([1, 2, 3]);
    expect(socket.sent).toHaveLength(1 + RETRIES);
    const sequences = socket.sent.map((request) => parsed(request).sequence);
    expect(new Set(sequences).size).toBe(1 + RETRIES);
    expect(exchange.reasons).toEqual([
      expect.objectContaining({
        name: 'ChronyTimeoutError',
        message: expect.stringContaining(`tracking from ${PEER}: no answer in 700 ms (3 tries)`),
      }),
    ]);
    expect(channel.usable).toBe(false);
    expect(socket.closings).toBe(1);
  });

  it.each([
    ['192.0.2.1', true],
    ['2001:db8::1', true],
    ['127.0.0.1', false],
    ['127.1.2.3', false],
    ['::1', false],
  ])('for %s, the error explains how to open chronyd to other hosts: %s', (host, isRemote) => {
    channel.close(ENOUGH);
    channel = newChannel({ kind: 'udp', host, port: 323 });
    const exchange = tracking();
    start(exchange);
    for (const ms of [TIMEOUT_MS, 2 * TIMEOUT_MS, 4 * TIMEOUT_MS]) time.pass(ms + TURN_MS);
    expect(exchange.reasons).toEqual([
      expect.objectContaining({ message: expect.stringContaining('cmdallow') }),
    ]);
    expect(String(exchange.reasons[0]).includes('bindcmdaddress')).toBe(isRemote);
  });

  it('ignore late replies to earlier tries and accept the reply to the last one', () => {
    const exchange = tracking();
    start(exchange);
    time.pass(4 * TIMEOUT_MS);
    expect(socket.sent).toHaveLength(3);
    for (const index of [0, 1]) socket.reply(socket.request(index));
    expect(exchange.isUnderWay).toBe(true);
    socket.reply(socket.request(2));
    expect(exchange.values).toEqual([STRATUM]);
    time.pass(60_000);
    expect(socket.sent).toHaveLength(3);
  });

  it('give each exchange its full time and all of its tries', () => {
    start(tracking());
    time.pass(TIMEOUT_MS + TURN_MS);
    socket.reply();
    for (const restMs of [0, TIMEOUT_MS / 2, 10 * TIMEOUT_MS]) {
      time.pass(restMs);
      const before = socket.sent.length;
      const exchange = tracking();
      start(exchange);
      time.pass(TIMEOUT_MS);
      expect(socket.sent).toHaveLength(before + 1);
      time.pass(TURN_MS);
      expect(socket.sent).toHaveLength(before + 2);
      time.pass(2 * TIMEOUT_MS + TURN_MS);
      expect(socket.sent).toHaveLength(before + 3);
      socket.reply();
      expect(exchange.values).toEqual([STRATUM]);
    }
  });

  it('count from the start of the exchange', () => {
    start(tracking());
    time.pass(TIMEOUT_MS / 2);
    socket.reply();
    start(tracking());
    time.pass(TIMEOUT_MS);
    expect(socket.sent).toHaveLength(2);
    time.pass(TURN_MS);
    expect(socket.sent).toHaveLength(3);
  });

  it('do not keep the process alive; the socket does', () => {
    start(tracking());
    expect(time.pending).toBe(1);
    expect(time.awake).toBe(0);
    expect(socket.awaited.at(-1)).toBe(true);
    channel.close(ENOUGH);
    expect(time.pending).toBe(0);
  });
});

describe('after a stall of the process', () => {
  it('accepts a reply that waits in the socket', () => {
    const exchange = tracking();
    start(exchange);
    time.stall(60_000);
    socket.reply();
    expect(exchange.values).toEqual([STRATUM]);
    time.pass(60_000);
    expect(socket.sent).toHaveLength(1);
  });

  it('accepts it even at the end of the last try', () => {
    const exchange = tracking();
    start(exchange);
    time.pass(3 * TIMEOUT_MS + 3 * TURN_MS);
    expect(socket.sent).toHaveLength(3);
    time.stall(60_000);
    socket.reply();
    time.pass(TURN_MS);
    expect(exchange).toMatchObject({ values: [STRATUM], reasons: [] });
    expect(channel.usable).toBe(true);
  });

  it('does not send the request of the next exchange twice', () => {
    const [one, other] = [tracking(), tracking()];
    one.next = () => channel.ask(other);
    start(one);
    time.stall(60_000);
    socket.reply();
    time.pass(TURN_MS);
    expect(socket.sent).toHaveLength(2);
    expect(other.isUnderWay).toBe(true);
  });
});

describe('a refusal', () => {
  it('fails the exchange; the channel continues with a new session', () => {
    const ended = vi.fn(library.c.chrony_deinit_session);
    const requested = vi.fn(library.c.glue_request_record);
    replace({ chrony_deinit_session: ended, glue_request_record: requested });
    const exchange = tracking();
    start(exchange);
    socket.refuse(ReplyStatus.UNAUTHORIZED);
    expect(exchange.reasons).toEqual([
      expect.objectContaining({
        name: 'ChronyPermissionError',
        errorCode: 9,
        message: expect.stringContaining(`tracking from ${PEER}: `),
      }),
    ]);
    expect(channel.usable).toBe(true);
    expect(ended.mock.calls).toEqual([[requested.mock.calls[0]?.[0]]]);
    expect(sessions()).toBe(1);

    const next = tracking();
    start(next);
    socket.reply();
    expect(next.values).toEqual([STRATUM]);
    expect(socket.closings).toBe(0);
  });

  it('closes the channel if the session cannot be replaced', () => {
    const exchange = tracking();
    start(exchange);
    sabotage('glue_init_session');
    socket.refuse(ReplyStatus.UNAUTHORIZED);
    expect(exchange.reasons).toEqual([crashed]);
    expect(channel.usable).toBe(false);
  });
});

describe('a socket failure', () => {
  const failure = new ChronyConnectionError('no route');

  it.each(['before the socket is open', 'while waiting for a reply'])('fails the exchange %s', (when) => {
    const exchange = tracking();
    if (when === 'before the socket is open') channel.ask(exchange);
    else start(exchange);
    socket.fail(failure);
    expect(exchange.reasons).toEqual([failure]);
    expect(channel.usable).toBe(false);
  });

  it('on an idle channel fails the next exchange without sending it', () => {
    socket.open();
    socket.fail(failure);
    expect(channel.usable).toBe(false);
    const exchange = tracking();
    channel.ask(exchange);
    expect(exchange.reasons).toEqual([failure]);
    expect(socket.sent).toEqual([]);
  });
});

describe('close()', () => {
  const moments: [when: string, to: (exchange: RecordedExchange<number>) => void][] = [
    ['before the socket is open', (exchange) => channel.ask(exchange)],
    ['while waiting for a reply', (exchange) => start(exchange)],
    [
      'between two tries',
      (exchange) => {
        start(exchange);
        time.pass(TIMEOUT_MS);
      },
    ],
    [
      'after a retry',
      (exchange) => {
        start(exchange);
        time.pass(TIMEOUT_MS + TURN_MS);
      },
    ],
  ];

  it.each(moments)('fails the exchange with the reason, once, %s', (_, go) => {
    const exchange = tracking();
    go(exchange);
    const { sent } = socket;
    const before = sent.length;
    channel.close(ENOUGH);
    channel.close(new Error('again'));
    expect(exchange).toMatchObject({ values: [], reasons: [ENOUGH] });
    expect(channel.usable).toBe(false);
    if (before > 0) {
      expect(socket.closings).toBe(1);
      socket.reply();
    }
    time.pass(60_000);
    expect(exchange).toMatchObject({ values: [], reasons: [ENOUGH] });
    expect(sent).toHaveLength(before);
    expect(sessions()).toBe(0);
    expect(time.pending).toBe(0);
  });

  it.each(['done', 'failed'])(
    'from an exchange that is %s closes the channel, and nothing else fails',
    (how) => {
      const exchange = tracking();
      exchange.next = () => channel.close(ENOUGH);
      start(exchange);
      if (how === 'done') socket.reply();
      else socket.refuse(ReplyStatus.FAILED);
      expect(exchange.values.length + exchange.reasons.length).toBe(1);
      expect(exchange.reasons).not.toContain(ENOUGH);
      expect(socket.closings).toBe(1);
      expect(sessions()).toBe(0);
    },
  );

  it('closes a socket that opens later', () => {
    const exchange = tracking();
    channel.ask(exchange);
    channel.close(ENOUGH);
    socket.open();
    expect(socket.closings).toBe(1);
    expect(socket.sent).toEqual([]);
    expect(socket.awaited).not.toContain(true);
  });

  it('fails later exchanges with its reason', () => {
    socket.open();
    channel.close(ENOUGH);
    const exchange = tracking();
    channel.ask(exchange);
    expect(exchange.reasons).toEqual([ENOUGH]);
  });
});

describe('the socket keeps the process alive', () => {
  it('only while waiting for a reply', () => {
    socket.open();
    expect(socket.awaited).toEqual([false]);
    start(tracking());
    expect(socket.awaited).toEqual([false, true]);
    socket.reply();
    expect(socket.awaited).toEqual([false, true, false]);
  });

  it.each(['a reply', 'a refusal', 'an invalid record'])('no longer after %s', (event) => {
    start(new RecordedExchange('tracking', 0, ({ record }) => decoders.tracking.decode(record)));
    expect(socket.awaited.at(-1)).toBe(true);
    if (event === 'a reply') socket.reply();
    else if (event === 'a refusal') socket.refuse(ReplyStatus.FAILED);
    else socket.receive(encodeReply(5, parsed(socket.request()), { 'leap status': 9 }));
    expect(socket.awaited.at(-1)).toBe(false);
  });

  it.each(['a reply', 'a refusal', 'an invalid record'])(
    'without interruption if %s is followed by the next exchange',
    (event) => {
      const exchanges = Array.from(
        { length: 5 },
        () => new RecordedExchange('tracking', 0, ({ record }) => decoders.tracking.decode(record)),
      );
      for (const [i, exchange] of exchanges.entries()) {
        const following = exchanges[i + 1];
        if (following !== undefined) exchange.next = () => channel.ask(following);
      }
      const [first] = exchanges;
      if (first !== undefined) channel.ask(first);
      socket.open();
      for (const _ of exchanges) {
        expect(socket.awaited).not.toContain(false);
        if (event === 'a reply') socket.reply();
        else if (event === 'a refusal') socket.refuse(ReplyStatus.FAILED);
        else socket.receive(encodeReply(5, parsed(socket.request()), { 'leap status': 9 }));
      }
      expect(exchanges.filter(({ isUnderWay }) => isUnderWay)).toEqual([]);
      expect(socket.awaited.indexOf(false)).toBe(socket.awaited.length - 1);
    },
  );
});

it('reports an invalid record with its report and peer; the channel continues', () => {
  const exchange = new RecordedExchange('tracking', 0, ({ record }) => decoders.tracking.decode(record));
  start(exchange);
  socket.receive(encodeReply(5, parsed(socket.request()), { 'leap status': 9 }));
  expect(exchange.reasons).toEqual([
    expect.objectContaining({
      name: 'ChronyDataError',
      message: expect.stringMatching(/^tracking from 192\.0\.2\.1:323: .*leapStatus.*getReport\(\)/),
      cause: expect.any(ChronyDataError),
    }),
  ]);
  expect(channel.usable).toBe(true);
  const next = tracking();
  start(next);
  socket.reply();
  expect(next.values).toEqual([STRATUM]);
  expect(sharedLibchrony()).toBe(library);
});

describe('a trap in the sandbox', () => {
  const places = [
    'glue_request_record',
    'chrony_needs_response',
    'chrony_process_response',
    'glue_read_record',
  ] as const;

  it.each(places)('in %s fails the exchange, closes the channel and discards the instance', (where) => {
    sabotage(where);
    const exchange = tracking();
    start(exchange);
    if (exchange.isUnderWay) socket.reply();
    expect(exchange).toMatchObject({ values: [], reasons: [crashed] });
    expect(exchange.reasons[0]).toMatchObject({ cause: { message: 'unreachable' } });
    expect(channel.usable).toBe(false);
    expect(socket.closings).toBe(1);
    expect(sharedLibchrony()).not.toBe(library);
  });

  it('while a channel is created opens no socket', () => {
    const opened = socket;
    sabotage('glue_init_session');
    expect(newChannel).toThrow(ChronyLibraryError);
    expect(socket).toBe(opened);
    expect(library.discarded).toBe(true);
  });

  it('on another channel fails the exchange at its next datagram, and that instance is not called again', () => {
    const process = vi.fn(library.c.chrony_process_response);
    replace({ chrony_process_response: process });
    const exchange = tracking();
    start(exchange);
    library.discard();
    expect(channel.usable).toBe(false);
    socket.reply();
    expect(exchange.reasons).toEqual([crashed]);
    expect(process).not.toHaveBeenCalled();
    expect(socket.closings).toBe(1);
  });

  it('on another channel fails a retry', () => {
    const exchange = tracking();
    start(exchange);
    library.discard();
    time.pass(TIMEOUT_MS + TURN_MS);
    expect(exchange.reasons).toEqual([crashed]);
    expect(socket.sent).toHaveLength(1);
  });
});
