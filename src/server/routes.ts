/** What is served where. */

import type { Survey, Surveyor } from '#metrics';
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
  readonly surveyor: Surveyor;
  readonly live: Live;
  readonly probe: Probe;
  /** The folder of the page. */
  readonly page: URL;
}

/** True if chronyd gave anything at all. */
function answered(survey: Survey | null): boolean {
  return Object.values(survey?.reports ?? {}).some(({ error }) => error === null);
}

/** By path. */
export async function routesOf({ surveyor, live, probe, page }: Served): Promise<ReadonlyMap<string, Route>> {
  const take = (asked: Asked): Promise<Survey> => surveyor.take(FRESH_MS, patienceMs(asked));
  const lives = ok(plainText('ok'));
  const away = refusal(503, 'chronyd did not answer when it was asked last; see /api/tracking');
  return new Map<string, Route>([
    ...(await pageRoutes(page)),
    ...apiRoutes(take, surveyor.reports),
    ['/metrics', async (asked) => metricsReply(await take(asked), asked)],
    ['/probe', (asked) => probe.reply(asked)],
    ['/events', (asked) => live.reply(asked)],
    ['/healthz', () => lives],
    ['/readyz', () => (answered(surveyor.last) ? lives : away)],
  ]);
}
