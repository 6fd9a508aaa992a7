/**
 * Metrics of chronyd's clients, aggregated over all clients: no client has a label. Names, labels and buckets are
 * those of chrony_exporter 0.14.
 */
import type { ClientAccess } from 'chrony-wasm';
import { familiesOfEach, type HistogramFamily, reportIn } from './family.ts';

const PROTOCOLS = ['ntp', 'nts'] as const;

/** Counts a client with an NTS key establishment as NTS, any other as NTP. */
function protocolOf({ ntsKeHits }: ClientAccess): (typeof PROTOCOLS)[number] {
  return ntsKeHits > 0 ? 'nts' : 'ntp';
}

export const clients = familiesOfEach(
  'clients',
  ['protocol'],
  (all) =>
    PROTOCOLS.map((protocol) => ({
      labels: { protocol },
      record: all.filter((client) => protocolOf(client) === protocol).length,
    })),
  [
    {
      name: 'clients_connected',
      help: "Clients in chronyd's memory (clientloglimit), by protocol: nts for those with an NTS key establishment, ntp for the others",
      value: (count) => count,
    },
  ],
);

const SECONDS = [1, 5, 30, 60, 300, 1800, 3600, 21_600, 86_400];
const DROPS = [0, 1, 2, 5, 10, 50, 100];

/** @param observe - returns the observation of a client; null for a client that is not counted */
function histogram(
  name: string,
  help: string,
  buckets: readonly number[],
  observe: (client: ClientAccess) => number | null,
): HistogramFamily {
  return {
    name: `chrony_clients_${name}`,
    help,
    buckets,
    report: 'clients',
    observations: (snapshot) =>
      reportIn(snapshot, 'clients')
        ?.map(observe)
        .filter((value) => value !== null) ?? null,
  };
}

export const clientHistograms: readonly HistogramFamily[] = [
  histogram(
    'last_ntp_hit_ago_seconds',
    'Time since the last NTP request of each client, in seconds; clients without one do not count',
    SECONDS,
    ({ ntpHits, lastNtpHitAgo }) => (ntpHits === 0 ? null : lastNtpHitAgo),
  ),
  histogram(
    'ntp_interval_seconds',
    'Mean interval between the NTP requests of each client, in seconds; clients whose interval is not known do not count',
    SECONDS,
    ({ ntpHits, ntpInterval }) => (ntpHits === 0 || ntpInterval === null ? null : 2 ** ntpInterval),
  ),
  histogram(
    'ntp_drops',
    'NTP requests of each client that were dropped by the rate limit; clients without NTP requests do not count',
    DROPS,
    ({ ntpHits, ntpDrops }) => (ntpHits === 0 && ntpDrops === 0 ? null : ntpDrops),
  ),
];
