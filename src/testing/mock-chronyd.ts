/** The mock chronyd: a server that answers control requests from a scenario, for tests of chronyd's clients. */
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

/** With this seed, the scenario `loss` loses its second reply already. */
const DEFAULT_SEED = 5;

/** A request that the mock received: any datagram at least as long as a request header, valid or not. */
export interface MockRequest {
  /** The request code, e.g. 33 for tracking, 14 for the number of sources. */
  readonly code: number;
  /** The sequence number. */
  readonly sequence: number;
  /** The length in bytes, padding included. */
  readonly length: number;
  /** The whole datagram. */
  readonly datagram: Uint8Array;
  /** The time of arrival, in milliseconds since the mock started. Fake timers do not affect it. */
  readonly time: number;
  /** The address of the client: `127.0.0.1:40123`, `[::1]:40123`, or the path of a Unix socket. */
  readonly client: string;
}

/**
 * Replaces replies. The function receives the request and the scenario's reply before the scenario's faults are
 * applied; the reply is null where chronyd would not reply.
 *
 * @returns the datagrams to send instead, at once or delayed, to which no faults are applied (an empty list to send
 * nothing), or null or undefined to keep the scenario's reply.
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
  /** The IP address to listen on, e.g. `::1`. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The UDP port. Default any free port. */
  readonly port?: number | undefined;
  /**
   * The path of a Unix datagram socket to listen on instead of UDP, like chronyd's own. A relative path is
   * resolved. The directory must exist; the client creates its own socket there. Node.js before 26.10 needs the
   * package `koffi`, and Deno needs `--allow-ffi`.
   */
  readonly path?: string | undefined;
  /**
   * The seed of the random generator for the scenario's faults. The same seed gives the same faults. Default a
   * fixed seed.
   */
  readonly seed?: number | undefined;
  /**
   * The mock's present, in seconds since the epoch. Negative times of a scenario are a number of seconds before it.
   * Pass a fixed time, e.g. {@link testTime}, where replies must be repeatable, as for snapshots. By default, the
   * mock's times follow `Date.now()`, which fake timers may replace, in steps of 64 s, like those of a chronyd that
   * measures every 64 s.
   */
  readonly time?: number | undefined;
  /** Replaces replies, for cases that no scenario has: forged, late or oversized replies. */
  readonly intercept?: Intercept | undefined;
}

/** A running mock chronyd. */
export interface MockChronyd extends AsyncDisposable {
  /**
   * The address it listens on, in the form of a client's `address` option: `127.0.0.1:40123`, `[::1]:40123`, or a
   * path.
   */
  readonly address: string;
  /** Its UDP port; 0 for a Unix socket. */
  readonly port: number;
  /** Every request so far, the oldest first. Tests may empty the array. */
  readonly requests: MockRequest[];
  /**
   * The scenario that replies are made from.
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
   * Replaces the scenario, given as an object or by name. It applies from the next request on.
   *
   * @throws as {@link startMockChronyd}; the previous scenario then stays.
   */
  set scenario(value: ScenarioName | Scenario);
  /** Freezes the mock, as SIGSTOP freezes chronyd: requests are queued and not answered. */
  pause(): void;
  /** Resumes the mock: queued requests are answered now, late. */
  resume(): void;
  /** Closes the socket and drops delayed replies. Resolves once the port is free; may be called repeatedly. */
  close(): Promise<void>;
}

/** The prefix of error messages. */
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
 * Starts a mock chronyd on a real socket, to test code that queries chronyd. It needs no chronyd and no privileges,
 * and does not touch the clock. It keeps the process alive until it is closed. Fake timers (`vi.useFakeTimers()`,
 * Jest's, Sinon's) do not stop it.
 *
 * @param scenario - the name of a scenario, or a {@link Scenario} made with `scenario()`; default `synchronized`
 * @param options - the address, the time and the seed of faults; default any free UDP port of 127.0.0.1
 * @throws TypeError for an option, a property or a name that does not exist; RangeError for a value that is out of
 * range or does not fit the protocol; ChronyConnectionError if it cannot listen at `path`; a system error if it
 * cannot listen on `host` and `port`. The code is `ERR_CHRONY_NO_UNIX_SOCKET` if the runtime has no Unix datagram
 * sockets.
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
      `${WHERE}: path cannot be used with host or port: path is for a Unix socket, host and port are for UDP`,
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
  /** The requests that arrived while the mock was frozen; null while it is not frozen. */
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
    // `intercept` may have closed the mock
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
