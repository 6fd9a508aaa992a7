/** `/probe`: the metrics of other chronyds, for an exporter of many targets. */
import { ChronyConnectionError, ChronyError, type ChronyOptions, type ReportName } from 'chrony-wasm';
import type { Snapshot } from '#metrics';
import { Collector, failedSnapshot } from '#metrics';
import type { SharingOptions } from '../client/options.ts';
import { formatEndpoint, type NamedHost, type UdpEndpoint } from '../socket/address.ts';
import { monotonicMs, setTimeout } from '../util/timers.ts';
import { FRESH_MS, type MetricsWriter, waitLimitMs } from './metrics.ts';
import { type Reply, type RouteRequest, refusal } from './reply.ts';
import { Resolver } from './resolver.ts';
import { Shares } from './shares.ts';

/** How many targets are queried at the same time. A target that does not answer has a single socket. */
const MAX_QUERIED = 256;
/** The maximum number of additional sockets, for all targets together. */
const MAX_MORE_SOCKETS = 128;
/** The number of targets that are remembered, without sockets. */
const MAX_TARGETS = 1024;

/** The minimum time between two turns. While the process is busy, timers are late, and so are the turns. */
const PACE_MS = 5;

/**
 * Spreads the queries of targets that have answered. If all of them continued at once, a busy machine would be late
 * for all.
 */
class Pace {
  readonly #waiting: (() => void)[] = [];
  /** True if the last turn began less than `PACE_MS` ago. */
  #isPausing = false;

  async turn(): Promise<void> {
    if (this.#isPausing) await new Promise<void>((begin) => this.#waiting.push(begin));
    else this.#pause();
  }

  #pause(): void {
    this.#isPausing = true;
    setTimeout(() => {
      this.#isPausing = false;
      const begin = this.#waiting.shift();
      if (begin === undefined) return;
      this.#pause();
      begin();
    }, PACE_MS);
  }
}

/** A requested endpoint. */
class Target {
  readonly address: string;
  readonly collector: Collector;
  /** The client that the current query is for. */
  client = '';
  /** False if it did not answer the last query. */
  isAnswering = false;
  /** True once another client's target has taken its place. */
  isDropped = false;

  constructor(address: string, collector: Collector) {
    this.address = address;
    this.collector = collector;
  }
}

/** The chronyds that may be queried. */
export interface AllowedTargets {
  /** See `Targets.find`. */
  find(target: string): UdpEndpoint | NamedHost | null;
  /** The advice for a target that is not allowed. */
  readonly advice: string;
}

export class Probe implements AsyncDisposable {
  readonly #allowed: AllowedTargets;
  readonly #reports: readonly ReportName[];
  readonly #writer: MetricsWriter;
  readonly #connection: SharingOptions;
  readonly #pace = new Pace();
  readonly #resolver = new Resolver();
  /** By endpoint, the least recently requested first. */
  readonly #known = new Map<string, Target>();
  /** The targets that are being queried. */
  readonly #queried = new Shares<Target>({ inAll: MAX_QUERIED, ofClient: MAX_QUERIED });

  constructor(
    allowed: AllowedTargets,
    reports: readonly ReportName[],
    { timeoutMs, retries }: ChronyOptions,
    writer: MetricsWriter,
  ) {
    this.#allowed = allowed;
    this.#writer = writer;
    this.#reports = reports;
    this.#connection = { timeoutMs, retries, budget: { left: MAX_MORE_SOCKETS } };
  }

  /** The route of `/probe`. */
  async reply(request: RouteRequest): Promise<Reply> {
    const end = monotonicMs() + waitLimitMs(request);
    const [wanted, ...more] = request.query.getAll('target');
    if (!wanted || more.length > 0)
      return refusal(400, 'exactly one target is required: /probe?target=ADDRESS');
    const found = this.#find(wanted);
    if ('status' in found) return found;
    const addresses = await this.#addressesOf(found, request.client, end - monotonicMs());
    let snapshot = failedSnapshot(this.#reports, unresolved(found), 0);
    for (const [index, address] of addresses.entries()) {
      const leftMs = Math.max(0, end - monotonicMs());
      const taken = await this.#take(address, request.client, leftMs / (addresses.length - index));
      if ('status' in taken) return taken;
      snapshot = taken;
      if (snapshot.isAnswered) break;
    }
    return this.#writer.reply(snapshot, request);
  }

  #find(wanted: string): UdpEndpoint | NamedHost | Reply {
    try {
      const found = this.#allowed.find(wanted);
      if (found !== null) return found;
      return refusal(403, `${JSON.stringify(wanted)} is not an allowed target; ${this.#allowed.advice}`);
    } catch (error) {
      if (error instanceof ChronyError) return refusal(400, error.message);
      throw error;
    }
  }

  /** Returns the endpoints of a target. The endpoints that answered last time come first. */
  async #addressesOf(
    { kind, host, port }: UdpEndpoint | NamedHost,
    client: string,
    waitMs: number,
  ): Promise<readonly string[]> {
    const hosts = kind === 'udp' ? [host] : await this.#resolver.find(host, client, waitMs);
    const addresses = hosts.map((each) => formatEndpoint({ kind: 'udp', host: each, port }));
    const isAnswering = (address: string): boolean => this.#known.get(address)?.isAnswering ?? false;
    return [...addresses.filter(isAnswering), ...addresses.filter((address) => !isAnswering(address))];
  }

  async #take(address: string, client: string, waitMs: number): Promise<Snapshot | Reply> {
    const target = this.#targetOf(address);
    if (target.collector.isDue(FRESH_MS)) {
      const room = this.#queried.roomFor(client, () => false);
      if (!room.isThere) {
        return refusal(503, `${MAX_QUERIED} targets are already being queried; try again in a second`, {
          'Retry-After': '1',
        });
      }
      if (room.instead !== null) this.#drop(room.instead);
      this.#begin(target, client);
    } else if (
      this.#isQueried(target) &&
      this.#queried.of(client).size < this.#queried.of(target.client).size
    ) {
      this.#queried.delete(target.client, target);
      this.#count(target, client);
    }
    const snapshot = await target.collector.take(FRESH_MS, waitMs);
    if (!target.isDropped) return snapshot;
    return refusal(503, 'targets of other clients took precedence; try again in a second', {
      'Retry-After': '1',
    });
  }

  #targetOf(address: string): Target {
    const turn = (): Promise<void> => this.#pace.turn();
    const options = { ...this.#connection, address, reports: this.#reports, turn };
    const target = this.#known.get(address) ?? new Target(address, new Collector(options));
    this.#known.delete(address);
    this.#known.set(address, target);
    if (this.#known.size > MAX_TARGETS) {
      for (const oldest of this.#known.values()) {
        if (this.#isQueried(oldest)) continue;
        this.#known.delete(oldest.address);
        break;
      }
    }
    return target;
  }

  #begin(target: Target, client: string): void {
    this.#count(target, client);
    const ended = (): void => {
      this.#queried.delete(target.client, target);
      // a newer snapshot has a timer of its own
      setTimeout(() => {
        if (target.collector.isDue(FRESH_MS)) target.collector.forget();
      }, FRESH_MS).unref();
    };
    target.collector.take().then((snapshot) => {
      target.isAnswering = snapshot.isAnswered;
      ended();
    }, ended);
  }

  #isQueried(target: Target): boolean {
    return this.#queried.of(target.client).has(target);
  }

  #count(target: Target, client: string): void {
    target.client = client;
    this.#queried.add(client, target);
  }

  /** Ends the query of a target to make room for another client. */
  #drop(target: Target): void {
    target.isDropped = true;
    this.#queried.delete(target.client, target);
    this.#known.delete(target.address);
    void target.collector.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#known.values()].map(({ collector }) => collector.close()));
  }
}

function unresolved({ host }: UdpEndpoint | NamedHost): ChronyConnectionError {
  return new ChronyConnectionError(
    `cannot resolve the name '${host}': check its spelling and this machine's DNS`,
    {
      code: 'ERR_CHRONY_RESOLVE',
    },
  );
}
