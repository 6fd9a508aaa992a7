/** The clients of chronyd as the page shows them: the most active ones, and how many there are besides. */
import type { ClientAccess } from 'chrony-wasm';
import type { ClientsMessage } from './messages.ts';

/** Nobody reads more rows, and a page is to remain fast. */
const MAX_SHOWN = 100;

/** Requests per second of one kind: by the mean interval, or by the age of the last request if that is longer. */
function rateOf(interval: number | null, lastAgo: number | null): number {
  if (interval === null || lastAgo === null) return 0;
  return 1 / Math.max(2 ** interval, lastAgo);
}

/** How often a client sends requests of any kind at present, per second; 0 for one that has sent a single request. */
export function requestRate(client: ClientAccess): number {
  return (
    rateOf(client.ntpInterval, client.lastNtpHitAgo) +
    rateOf(client.ntsKeInterval, client.lastNtsKeHitAgo) +
    rateOf(client.commandInterval, client.lastCommandHitAgo)
  );
}

function requestsOf({ ntpHits, ntsKeHits, commandHits }: ClientAccess): number {
  return ntpHits + ntsKeHits + commandHits;
}

function dropsOf({ ntpDrops, ntsKeDrops, commandDrops }: ClientAccess): number {
  return ntpDrops + ntsKeDrops + commandDrops;
}

/** The most active clients first; equally active ones by their number of requests. */
export function summaryOf(clients: readonly ClientAccess[], time: number): ClientsMessage {
  const rated = clients.map((client) => ({ client, rate: requestRate(client) }));
  rated.sort((a, b) => b.rate - a.rate || requestsOf(b.client) - requestsOf(a.client));
  return {
    time,
    total: clients.length,
    limited: clients.filter((client) => dropsOf(client) > 0).length,
    clients: rated.slice(0, MAX_SHOWN),
  };
}
