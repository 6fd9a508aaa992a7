/** Writes snapshots as metrics for Prometheus. */
import type { Snapshot } from '#metrics';
import { expositionOf, type Format, formatFor } from '../metrics/text.ts';
import { isOutOfFiles } from '../socket/system-error.ts';
import type { OwnMetrics } from './own-metrics.ts';
import { Content, ok, type Reply, type RouteRequest, refusal } from './reply.ts';
import type { Name } from './source-names.ts';

/** The maximum age of a snapshot that is reused. */
export const FRESH_MS = 1000;

const DEFAULT_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 30_000;
/** The share of the timeout that is reserved to write and send the reply: a tenth, and at least 100 ms. */
const MARGIN = 0.1;
const LEAST_MARGIN_MS = 100;

/** The time that a client may wait for a snapshot, from the scrape timeout that Prometheus sends. */
export function waitLimitMs({ header }: Pick<RouteRequest, 'header'>): number {
  const ms = Math.min(Number(header('x-prometheus-scrape-timeout-seconds')) * 1000, LONGEST_WAIT_MS);
  if (!(ms > 0)) return DEFAULT_WAIT_MS;
  return ms - Math.min(Math.max(ms * MARGIN, LEAST_MARGIN_MS), ms / 2);
}

/**
 * The reply if the process has no file descriptor left for a socket, in which case the state of chronyd is unknown;
 * null otherwise.
 */
export function outOfFiles({ reports }: Snapshot): Reply | null {
  const error = Object.values(reports).find((outcome) => isOutOfFiles(outcome.error))?.error;
  if (!error) return null;
  return refusal(
    503,
    `chronyd was not queried: ${error.message}; for a systemd service, raise LimitNOFILE=`,
    {
      'Retry-After': '1',
    },
  );
}

/** Writes snapshots as metrics. */
export class MetricsWriter {
  readonly #name: Name;
  readonly #own: OwnMetrics | undefined;
  /** The texts of each snapshot, written once for all clients. */
  readonly #written = new WeakMap<Snapshot, Map<Format, Promise<Content>>>();

  /** @param own - the metrics of this process, which are written, too */
  constructor(name: Name, own?: OwnMetrics) {
    this.#name = name;
    this.#own = own;
  }

  async reply(snapshot: Snapshot, { header }: RouteRequest): Promise<Reply> {
    const refused = outOfFiles(snapshot);
    if (refused !== null) return refused;
    const format = formatFor(header('accept'));
    const texts = this.#written.get(snapshot) ?? new Map<Format, Promise<Content>>();
    this.#written.set(snapshot, texts);
    const content = texts.get(format) ?? this.#write(snapshot, format);
    texts.set(format, content);
    return ok(await content);
  }

  async #write(snapshot: Snapshot, format: Format): Promise<Content> {
    const own = (await this.#own?.now()) ?? [];
    const { contentType, body } = expositionOf(this.#name(snapshot), format, own);
    return new Content(contentType, body);
  }
}
