/** The metrics of another chronyd, as Prometheus wants them of an exporter for many targets. */
import { ChronyError, type ChronyOptions, type ReportName } from 'chrony-wasm';
import { Surveyor } from '#metrics';
import { metricsReply } from './metrics.ts';
import { patienceMs } from './patience.ts';
import { type Asked, type Reply, refusal } from './reply.ts';
import type { Targets } from './targets.ts';

/** Each has a socket of its own. */
const MOST_SURVEYORS = 256;
const FRESH_MS = 1000;

interface Probed {
  readonly surveyor: Surveyor;
  /** How many wait for it. */
  waiting: number;
}

export class Probe implements AsyncDisposable {
  readonly #targets: Targets;
  readonly #reports: readonly ReportName[];
  readonly #connection: ChronyOptions;
  /** By address, the one that was asked last at the end. */
  readonly #probed = new Map<string, Probed>();

  constructor(targets: Targets, reports: readonly ReportName[], { timeoutMs, retries }: ChronyOptions) {
    this.#targets = targets;
    this.#reports = reports;
    this.#connection = { timeoutMs, retries };
  }

  /** The route of `/probe`. */
  async reply(asked: Asked): Promise<Reply> {
    const [target, ...more] = asked.query.getAll('target');
    if (!target || more.length > 0)
      return refusal(400, 'which chronyd? Write /probe?target=ADDRESS, and one only');
    const found = this.#find(target);
    if (typeof found !== 'string') return found;
    const probed = this.#surveyorOf(found);
    if (probed === null) {
      return refusal(503, `${MOST_SURVEYORS} targets are being asked already; try again in a second`, {
        'Retry-After': '1',
      });
    }
    probed.waiting++;
    try {
      return await metricsReply(await probed.surveyor.take(FRESH_MS, patienceMs(asked)), asked);
    } finally {
      probed.waiting--;
    }
  }

  #find(target: string): string | Reply {
    try {
      const address = this.#targets.find(target);
      if (address !== null) return address;
      return refusal(
        403,
        `${JSON.stringify(target)} is not to be asked from here; start the server with --probe and a pattern for it`,
      );
    } catch (error) {
      if (error instanceof ChronyError) return refusal(400, error.message);
      throw error;
    }
  }

  /** Null if there are too many already. */
  #surveyorOf(address: string): Probed | null {
    const known = this.#probed.get(address);
    if (known === undefined && this.#probed.size >= MOST_SURVEYORS && !this.#makeRoom()) return null;
    const probed = known ?? {
      surveyor: new Surveyor({ ...this.#connection, address, reports: this.#reports }),
      waiting: 0,
    };
    this.#probed.delete(address);
    this.#probed.set(address, probed);
    return probed;
  }

  /** Drops the one that was asked least recently, of those that nobody waits for. */
  #makeRoom(): boolean {
    for (const [address, { surveyor, waiting }] of this.#probed) {
      if (waiting > 0) continue;
      this.#probed.delete(address);
      void surveyor.close();
      return true;
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#probed.values()].map(({ surveyor }) => surveyor.close()));
  }
}
