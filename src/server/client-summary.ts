/** Summarizes the clients of chronyd for the page: the most active ones, and the total number. */
import type { ClientAccess } from 'chrony-wasm';
import type { ClientsMessage } from './messages.ts';

/** The number of rows on the page: more rows would make it slow. */
const MAX_SHOWN = 100;

/**
 * The mean interval between requests and the age of the last request, in seconds, for each kind of request that has
 * both.
 */
function kindsOf(client: ClientAccess): { interval: number; age: number }[] {
  const kinds = [
    [client.ntpInterval, client.lastNtpHitAgo],
    [client.ntsKeInterval, client.lastNtsKeHitAgo],
    [client.commandInterval, client.lastCommandHitAgo],
  ] as const;
  return kinds.flatMap(([log2, age]) => (log2 === null || age === null ? [] : { interval: 2 ** log2, age }));
}

/** Requests per second of any kind, by their mean intervals; 0 if no interval is known. */
function meanRate(client: ClientAccess): number {
  return kindsOf(client).reduce((sum, { interval }) => sum + 1 / interval, 0);
}

/** The estimated present rate: lower than the mean if the client has been silent for longer than its interval. */
function presentRate(client: ClientAccess): number {
  return kindsOf(client).reduce((sum, { interval, age }) => sum + 1 / Math.max(interval, age), 0);
}

function requestsOf({ ntpHits, ntsKeHits, commandHits }: ClientAccess): number {
  return ntpHits + ntsKeHits + commandHits;
}

function dropsOf({ ntpDrops, ntsKeDrops, commandDrops }: ClientAccess): number {
  return ntpDrops + ntsKeDrops + commandDrops;
}

/** Sorts the clients by their present rate, then by their number of requests, highest first. */
export function summaryOf(clients: readonly ClientAccess[], time: number): ClientsMessage {
  const sorted = clients
    .map((client) => ({ client, present: presentRate(client) }))
    .sort((a, b) => b.present - a.present || requestsOf(b.client) - requestsOf(a.client));
  return {
    time,
    total: clients.length,
    limited: clients.filter((client) => dropsOf(client) > 0).length,
    clients: sorted.slice(0, MAX_SHOWN).map(({ client }) => ({ client, rate: meanRate(client) })),
  };
}
