/** How long those who ask can wait for a snapshot. */
import type { Asked } from './reply.ts';

const DEFAULT_MS = 5000;
const LONGEST_MS = 30_000;
/** What it takes to write and send the answer. */
const MARGIN = 0.1;
const LEAST_MARGIN_MS = 100;

/** By what Prometheus says of its own timeout. */
export function patienceMs({ header }: Pick<Asked, 'header'>): number {
  const ms = Math.min(Number(header('x-prometheus-scrape-timeout-seconds')) * 1000, LONGEST_MS);
  if (!(ms > 0)) return DEFAULT_MS;
  return ms - Math.min(Math.max(ms * MARGIN, LEAST_MARGIN_MS), ms / 2);
}
