/** The mock chronyd: a server that speaks the control protocol for a scenario, for tests of chronyd's clients. */
import { answer, checkScenario } from './answer.ts';
import { type Delivery, type Random, seededRandom, withFaults } from './faults.ts';
import { scenario as toScenario } from './overrides.ts';
import { REPLY_HEADER_LENGTH } from './reply.ts';
import { parseRequest } from './requests.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioName } from './scenarios.ts';
import { openUdp, type Transport } from './transport.ts';

/** With this one the scenario `loss` soon shows what it is for: its second reply is lost. */
const DEFAULT_SEED = 5;

/** A request that the mock received: any datagram with a header's length, good or bad. */
export interface MockRequest {
  /** The request code: what is asked. */
  readonly code: number;
  /** The sequence number. */
  readonly sequence: number;
  /** The length in bytes, padding included. */
  readonly length: number;
  /** The whole datagram. */
  readonly datagram: Uint8Array;
  /** When it arrived, in milliseconds: the clock of `performance.now()`. */
  readonly time: number;
  /** Who sent it: `127.0.0.1:40123`, `[::1]:40123`. */
  readonly client: string;
}

/**
 * Replaces replies. It is given the request and the reply that the scenario has for it, before any of the
 * scenario's faults; null where chronyd would not reply.
 *
 * @returns what to send instead, at once or later, without any faults (an empty list for nothing), or
 * undefined to let the reply go its way.
 *
 * @example Every reply arrives late, behind one with a wrong sequence number:
 * ```ts
 * intercept: (request, reply) =>
 *   reply && [encodeRefusal({ ...request, sequence: 1 }, Status.FAILED), { datagram: reply, delayMs: 50 }],
 * ```
 */
export type Intercept = (
  request: MockRequest,
  reply: Uint8Array | null,
) => readonly (Uint8Array | Delivery)[] | null | undefined;

/** Options of {@link startMockChronyd}. */
export interface MockChronydOptions {
  /** The IP address to listen on: `127.0.0.1` if not given, or `::1`. */
  readonly host?: string;
  /** The UDP port; any free one if not given. */
  readonly port?: number;
  /** Where the random numbers of the scenario's faults begin: the same seed, the same faults. Fixed if not given. */
  readonly seed?: number;
  /** Replaces replies, for what no scenario has: forged, late, oversized ones. */
  readonly intercept?: Intercept;
}

/** A running mock chronyd. */
export interface MockChronyd extends AsyncDisposable {
  /** Where it listens, as a client's `address` option takes it: `127.0.0.1:40123`, `[::1]:40123`. */
  readonly address: string;
  /** Its UDP port. */
  readonly port: number;
  /** Every request so far, the oldest first. Empty it at will. */
  readonly requests: MockRequest[];
  /**
   * What it pretends.
   *
   * @example A source goes away:
   * ```ts
   * mock.scenario = scenario(mock.scenario, { sources: mock.scenario.sources.slice(1) });
   * ```
   */
  get scenario(): Scenario;
  /** Assign another at any time, whole or by name; the next request is answered from it. */
  set scenario(value: ScenarioName | Scenario);
  /** Freezes it, as SIGSTOP does: requests pile up unanswered. */
  pause(): void;
  /** Thaws it: what has piled up is answered now, late. */
  resume(): void;
  /** Closes the socket and drops replies that are still due. Resolves once the port is free; may be called twice. */
  close(): Promise<void>;
}

/**
 * Starts a mock chronyd on a real UDP socket: to test what talks to chronyd, with no chronyd installed, no
 * privileges and no clock touched.
 *
 * @param scenario what it pretends: a name, or a {@link Scenario} made with `scenario()`.
 * @throws RangeError or TypeError if the scenario has a value that the protocol cannot carry.
 *
 * @example
 * ```ts
 * await using mock = await startMockChronyd('leap insert');
 * const status = await getTracking(mock.address);
 * assert(status.isLeapPending());
 * ```
 */
export async function startMockChronyd(
  scenario: ScenarioName | Scenario = 'synchronised',
  options: MockChronydOptions = {},
): Promise<MockChronyd> {
  const { host = '127.0.0.1', port = 0, seed = DEFAULT_SEED, intercept } = options;
  const initial = toScenario(scenario);
  checkScenario(initial);
  return new Server(await openUdp(host, port), initial, seededRandom(seed), intercept);
}

class Server implements MockChronyd {
  readonly requests: MockRequest[] = [];
  #scenario: Scenario;
  /** The requests that arrived while it was frozen; null while it is not. */
  #frozen: MockRequest[] | null = null;
  #closed: Promise<void> | null = null;
  readonly #due = new Set<NodeJS.Timeout>();
  readonly #transport: Transport;
  readonly #random: Random;
  readonly #intercept: Intercept | undefined;

  constructor(transport: Transport, scenario: Scenario, random: Random, intercept: Intercept | undefined) {
    this.#transport = transport;
    this.#scenario = scenario;
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
    checkScenario(next);
    this.#scenario = next;
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
    const request = { code, sequence, length: datagram.length, datagram, time: performance.now(), client };
    this.requests.push(request);
    if (this.#frozen === null) this.#reply(request);
    else this.#frozen.push(request);
  }

  #reply(request: MockRequest): void {
    const reply = answer(this.#scenario, request.datagram);
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
    if (instead) return instead.map((each) => (each instanceof Uint8Array ? { datagram: each } : each));
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
