/** The metrics that Prometheus scrapes: of the server's own chronyd, and of others by `/probe`. */
import { ChronyError, type ChronyOptions, type ReportName } from 'chrony-wasm';
import type { Snapshot } from '#metrics';
import { Collector } from '#metrics';
import { expositionOf, type Format, formatFor } from '../metrics/prom-client.ts';
import type { Targets } from './options.ts';
import { Content, ok, type Reply, type RouteRequest, refusal } from './reply.ts';

const DEFAULT_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 30_000;
/** Reserved to write and send the reply: a tenth, and at least 100 ms. */
const MARGIN = 0.1;
const LEAST_MARGIN_MS = 100;

/** How long a client waits for a snapshot, by the timeout that Prometheus sends. */
export function waitLimitMs({ header }: Pick<RouteRequest, 'header'>): number {
  const ms = Math.min(Number(header('x-prometheus-scrape-timeout-seconds')) * 1000, LONGEST_WAIT_MS);
  if (!(ms > 0)) return DEFAULT_WAIT_MS;
  return ms - Math.min(Math.max(ms * MARGIN, LEAST_MARGIN_MS), ms / 2);
}

/** The texts of each snapshot: written once, however many clients scrape it. */
const written = new WeakMap<Snapshot, Map<Format, Promise<Content>>>();

async function write(snapshot: Snapshot, format: Format): Promise<Content> {
  const { contentType, body } = await expositionOf(snapshot, format);
  return new Content(contentType, body);
}

export async function metricsReply(snapshot: Snapshot, { header }: RouteRequest): Promise<Reply> {
  const format = formatFor(header('accept'));
  const texts = written.get(snapshot) ?? new Map<Format, Promise<Content>>();
  written.set(snapshot, texts);
  const content = texts.get(format) ?? write(snapshot, format);
  texts.set(format, content);
  return ok(await content);
}

/** Each collector has its own socket. */
const MAX_COLLECTORS = 256;
/** A snapshot of this age is recent enough. */
export const FRESH_MS = 1000;

/** A target of `/probe`. */
interface Target {
  readonly collector: Collector;
  /** How many requests wait for it. */
  waiting: number;
}

/** The metrics of other chronyds, for an exporter of many targets. */
export class Probe implements AsyncDisposable {
  readonly #targets: Targets;
  readonly #reports: readonly ReportName[];
  readonly #connection: ChronyOptions;
  /** By address, in the order of their last request. */
  readonly #known = new Map<string, Target>();

  constructor(targets: Targets, reports: readonly ReportName[], { timeoutMs, retries }: ChronyOptions) {
    this.#targets = targets;
    this.#reports = reports;
    this.#connection = { timeoutMs, retries };
  }

  /** The route of `/probe`. */
  async reply(request: RouteRequest): Promise<Reply> {
    const [wanted, ...more] = request.query.getAll('target');
    if (!wanted || more.length > 0)
      return refusal(400, 'which chronyd? Write /probe?target=ADDRESS, and one only');
    const found = this.#find(wanted);
    if (typeof found !== 'string') return found;
    const target = this.#collectorOf(found);
    if (target === null) {
      return refusal(503, `${MAX_COLLECTORS} targets are being asked already; try again in a second`, {
        'Retry-After': '1',
      });
    }
    target.waiting++;
    try {
      return await metricsReply(await target.collector.take(FRESH_MS, waitLimitMs(request)), request);
    } finally {
      target.waiting--;
    }
  }

  #find(wanted: string): string | Reply {
    try {
      const address = this.#targets.find(wanted);
      if (address !== null) return address;
      return refusal(
        403,
        `${JSON.stringify(wanted)} is not to be asked from here; start the server with --probe and a pattern for it`,
      );
    } catch (error) {
      if (error instanceof ChronyError) return refusal(400, error.message);
      throw error;
    }
  }

  /** Null if too many targets are in use already. */
  #collectorOf(address: string): Target | null {
    const known = this.#known.get(address);
    if (known === undefined && this.#known.size >= MAX_COLLECTORS && !this.#makeRoom()) return null;
    const target = known ?? {
      collector: new Collector({ ...this.#connection, address, reports: this.#reports }),
      waiting: 0,
    };
    this.#known.delete(address);
    this.#known.set(address, target);
    return target;
  }

  /** Closes the least recently requested of the targets that no request waits for. */
  #makeRoom(): boolean {
    for (const [address, { collector, waiting }] of this.#known) {
      if (waiting > 0) continue;
      this.#known.delete(address);
      void collector.close();
      return true;
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#known.values()].map(({ collector }) => collector.close()));
  }
}
