/** What is served where. */

import type { Collector } from '../metrics/collector.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import { apiRoutes } from './api.ts';
import { plainText } from './content.ts';
import type { Live } from './live.ts';
import { metricsReply } from './metrics.ts';
import { pageRoutes } from './page.ts';
import { patienceMs } from './patience.ts';
import type { Probe } from './probe.ts';
import { type Asked, ok, type Route, refusal } from './reply.ts';

/** Who asks within so long of another gets the same. */
const FRESH_MS = 1000;

export interface Served {
  readonly collector: Collector;
  readonly live: Live;
  readonly probe: Probe;
  /** The folder of the page. */
  readonly page: URL;
}

/** True if chronyd gave anything at all. */
function answered(snapshot: Snapshot | null): boolean {
  return Object.values(snapshot?.reports ?? {}).some(({ error }) => error === null);
}

/** By path. */
export async function routesOf({
  collector,
  live,
  probe,
  page,
}: Served): Promise<ReadonlyMap<string, Route>> {
  const take = (asked: Asked): Promise<Snapshot> => collector.take(FRESH_MS, patienceMs(asked));
  const lives = ok(plainText('ok'));
  const away = refusal(503, 'chronyd did not answer when it was asked last; see /api/tracking');
  return new Map<string, Route>([
    ...(await pageRoutes(page)),
    ...apiRoutes(take, collector.reports),
    ['/metrics', async (asked) => metricsReply(await take(asked), asked)],
    ['/probe', (asked) => probe.reply(asked)],
    ['/events', (asked) => live.reply(asked)],
    ['/healthz', () => lives],
    ['/readyz', () => (answered(collector.last) ? lives : away)],
  ]);
}
