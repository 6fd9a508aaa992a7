/** The mock chronyd: a server that speaks the control protocol for a scenario, for tests of chronyd's clients. */
import { resolve } from 'node:path';
import { checkKeys } from '../util/suggestion.ts';
import { clearTimeout, monotonicMs, setTimeout } from '../util/timers.ts';
import { answer, checkScenario } from './answer.ts';
import { type Delivery, type Random, seededRandom, withFaults } from './faults.ts';
import { scenario as toScenario } from './overrides.ts';
import { REPLY_HEADER_LENGTH } from './reply.ts';
import { parseRequest } from './requests.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioName } from './scenarios.ts';
import { MockTime } from './times.ts';
import { openUdp, openUnix, type Transport } from './transport.ts';

/** With this one the scenario `loss` soon shows what it is for: its second reply is lost. */
const DEFAULT_SEED = 5;

/** A request that the mock received: any datagram with a header's length, good or bad. */
export interface MockRequest {
  /** The request code: what is asked. 33 is tracking, 14 the number of sources. */
  readonly code: number;
  /** The sequence number. */
  readonly sequence: number;
  /** The length in bytes, padding included. */
  readonly length: number;
  /** The whole datagram. */
  readonly datagram: Uint8Array;
  /** When it arrived, in milliseconds since the mock started, by a clock that fake timers do not stop. */
  readonly time: number;
  /** Who sent it: `127.0.0.1:40123`, `[::1]:40123`, or the path of a Unix socket. */
  readonly client: string;
}

/**
 * Replaces replies. It is given the request and the reply that the scenario has for it, before any of the
 * scenario's faults; null where chronyd would not reply.
 *
 * @returns what to send instead, at once or later, without any faults (an empty list for nothing), or
 * undefined to let the reply go its way.
 *
 * @example The first reply is lost, and all others are late:
 * ```js
 * import { getTracking } from 'chrony-wasm';
 * import { startMockChronyd } from 'chrony-wasm/testing';
 *
 * const mock = await startMockChronyd('synchronized', {
 *   intercept: (request, reply) =>
 *     mock.requests.length === 1 || reply === null ? [] : [{ datagram: reply, delayMs: 50 }],
 * });
 * await getTracking({ address: mock.address, timeoutMs: 200 });
 * console.log(mock.requests.length); // 2
 * await mock.close();
 * ```
 */
export type Intercept = (
  request: MockRequest,
  reply: Uint8Array | null,
) => readonly (Uint8Array | Delivery)[] | null | undefined;

/** Options of {@link startMockChronyd}. */
export interface MockChronydOptions {
  /** The IP address to listen on: `127.0.0.1` if not given, or `::1`. */
  readonly host?: string | undefined;
  /** The UDP port; any free one if not given. */
  readonly port?: number | undefined;
  /**
   * The path of a Unix socket to listen on in place of UDP, as chronyd's own; resolved if it is relative. Its directory must
   * exist, and the client puts its own socket there. In Node.js before 26.10 this takes the package `koffi`, in Deno `--allow-ffi`.
   */
  readonly path?: string | undefined;
  /** Where the random numbers of the scenario's faults begin: the same seed, the same faults. Fixed if not given. */
  readonly seed?: number | undefined;
  /**
   * What the mock takes for the present, in seconds since the epoch: times of a scenario that are below zero are so many seconds
   * before it. Give a fixed one, e.g. {@link testTime}, where replies must repeat, as in a snapshot. If it is not given, the
   * mock is as fresh as a chronyd that measures every 64 s: its times are by `Date.now()`, which fake timers may replace.
   */
  readonly time?: number | undefined;
  /** Replaces replies, for what no scenario has: forged, late, oversized ones. */
  readonly intercept?: Intercept | undefined;
}

/** A running mock chronyd. */
export interface MockChronyd extends AsyncDisposable {
  /** Where it listens, as a client's `address` option takes it: `127.0.0.1:40123`, `[::1]:40123`, or a path. */
  readonly address: string;
  /** Its UDP port; 0 for a Unix socket. */
  readonly port: number;
  /** Every request so far, the oldest first. Empty it at will. */
  readonly requests: MockRequest[];
  /**
   * What it pretends.
   *
   * @example A source goes away:
   * ```js
   * import { scenario, startMockChronyd } from 'chrony-wasm/testing';
   *
   * const mock = await startMockChronyd();
   * mock.scenario = scenario(mock.scenario, { sources: mock.scenario.sources.slice(1) });
   * await mock.close();
   * ```
   */
  get scenario(): Scenario;
  /**
   * Assign another at any time, whole or by name; the next request is answered from it.
   *
   * @throws as {@link startMockChronyd}; the scenario is then the one from before.
   */
  set scenario(value: ScenarioName | Scenario);
  /** Freezes it, as SIGSTOP does: requests pile up unanswered. */
  pause(): void;
  /** Thaws it: what has piled up is answered now, late. */
  resume(): void;
  /** Closes the socket and drops replies that are still due. Resolves once the port is free; may be called twice. */
  close(): Promise<void>;
}

/** For messages. */
const WHERE = 'startMockChronyd()';
const OPTIONS = [
  'host',
  'port',
  'path',
  'seed',
  'time',
  'intercept',
] as const satisfies (keyof MockChronydOptions)[];
const DELIVERY = ['datagram', 'delayMs'] as const satisfies (keyof Delivery)[];

/**
 * Starts a mock chronyd on a real socket: to test what talks to chronyd, with no chronyd installed, no
 * privileges and no clock touched. It keeps the process alive until it is closed. Fake timers (`vi.useFakeTimers()`, Jest's,
 * Sinon's) do not stop it.
 *
 * @param scenario - what it pretends: a name, or a {@link Scenario} made with `scenario()`; default `synchronized`
 * @param options - where it listens, its time and its faults; default any free UDP port of 127.0.0.1
 * @throws TypeError for an option, a property or a name that does not exist; RangeError for a value out of range, or that the
 * protocol cannot carry; ChronyConnectionError if it cannot listen at `path`: `ERR_CHRONY_NO_UNIX_SOCKET` where the
 * runtime has no Unix datagram sockets; Error of the system if it cannot listen on `host` and `port`.
 *
 * @example
 * ```js
 * import { getTracking } from 'chrony-wasm';
 * import { startMockChronyd } from 'chrony-wasm/testing';
 *
 * const mock = await startMockChronyd('leap insert');
 * const status = await getTracking(mock.address);
 * console.log(status.isLeapPending()); // true
 * await mock.close();
 * ```
 */
export async function startMockChronyd(
  scenario: ScenarioName | Scenario = 'synchronized',
  options: MockChronydOptions = {},
): Promise<MockChronyd> {
  checkKeys(options, OPTIONS, WHERE);
  const { host = '127.0.0.1', port = 0, path, seed = DEFAULT_SEED, time, intercept } = options;
  if (path !== undefined && (options.host !== undefined || options.port !== undefined)) {
    throw new TypeError(
      `${WHERE}: path cannot be used with host or port; it is for a Unix socket, they are for UDP`,
    );
  }
  if (path !== undefined && (typeof path !== 'string' || path === '' || path.includes('\0'))) {
    throw new TypeError(`${WHERE}: path takes the path of a Unix socket, not ${JSON.stringify(path)}`);
  }
  if (time !== undefined && !(Number.isFinite(time) && time >= 0)) {
    throw new RangeError(`${WHERE}: time is seconds since the epoch, not ${String(time)}`);
  }
  const initial = toScenario(scenario);
  checkScenario(initial, WHERE);
  const transport = await (path === undefined ? openUdp(host, port) : openUnix(resolve(path)));
  return new Server(transport, initial, new MockTime(time), seededRandom(seed), intercept);
}

class Server implements MockChronyd {
  readonly requests: MockRequest[] = [];
  #scenario: Scenario;
  /** The requests that arrived while it was frozen; null while it is not. */
  #frozen: MockRequest[] | null = null;
  #closed: Promise<void> | null = null;
  readonly #due = new Set<NodeJS.Timeout>();
  readonly #transport: Transport;
  readonly #time: MockTime;
  readonly #random: Random;
  readonly #intercept: Intercept | undefined;
  readonly #startedMs = monotonicMs();

  constructor(
    transport: Transport,
    scenario: Scenario,
    time: MockTime,
    random: Random,
    intercept: Intercept | undefined,
  ) {
    this.#transport = transport;
    this.#scenario = scenario;
    this.#time = time;
    this.#random = random;
    this.#intercept = intercept;
    transport.receive((datagram, client) => this.#receive(datagram, client));
  }

  get address(): string {
    return this.#transport.address;
  }

  get port(): number {
    return this.#transport.port;
  }

  get scenario(): Scenario {
    return this.#scenario;
  }

  set scenario(value: ScenarioName | Scenario) {
    const next = toScenario(value);
    checkScenario(next, 'mock.scenario');
    this.#scenario = next;
    this.#time.restart();
  }

  pause(): void {
    this.#frozen ??= [];
  }

  resume(): void {
    const waiting = this.#frozen ?? [];
    this.#frozen = null;
    for (const request of waiting) this.#reply(request);
  }

  close(): Promise<void> {
    for (const timer of this.#due) clearTimeout(timer);
    this.#due.clear();
    this.#frozen = [];
    this.#closed ??= this.#transport.close();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(datagram: Uint8Array, client: string): void {
    const header = parseRequest(datagram);
    if (header === null) return;
    const { code, sequence } = header;
    const time = monotonicMs() - this.#startedMs;
    const request = { code, sequence, length: datagram.length, datagram, time, client };
    this.requests.push(request);
    if (this.#frozen === null) this.#reply(request);
    else this.#frozen.push(request);
  }

  #reply(request: MockRequest): void {
    const reply = answer(this.#scenario, request.datagram, this.#time.now());
    const deliveries = this.#deliveries(request, reply);
    // by whoever intercepts
    if (this.#closed !== null) return;
    for (const { datagram, delayMs = 0 } of deliveries) {
      if (delayMs > 0) this.#sendLater(datagram, delayMs, request.client);
      else this.#transport.send(datagram, request.client);
    }
  }

  #deliveries(request: MockRequest, reply: Uint8Array | null): readonly Delivery[] {
    const instead = this.#intercept?.(request, reply);
    if (instead) return instead.map(toDelivery);
    return reply === null ? [] : withFaults(reply, this.#scenario.faults, REPLY_HEADER_LENGTH, this.#random);
  }

  #sendLater(datagram: Uint8Array, delayMs: number, client: string): void {
    const timer = setTimeout(() => {
      this.#due.delete(timer);
      this.#transport.send(datagram, client);
    }, delayMs);
    this.#due.add(timer);
  }
}

function toDelivery(value: Uint8Array | Delivery): Delivery {
  if (value instanceof Uint8Array) return { datagram: value };
  checkKeys(value, DELIVERY, 'intercept');
  return value;
}
