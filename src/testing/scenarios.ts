/** The named scenarios. Each call makes a fresh one, with times that are recent at that moment. */

import { noFaults } from './faults.ts';
import {
  client,
  clients,
  defaultRtc,
  defaultSmoothing,
  falseticker,
  ignored,
  manualSamples,
  nts,
  selected,
  serverStats,
  synchronisedTo,
  synchronisedToClock,
  unknownToOldServers,
  unreachable,
  unsynchronised,
} from './presets.ts';
import type { Scenario } from './scenario.ts';
import { type MockSource, ntpSource, referenceClock } from './sources.ts';

/** A scenario that has a name. */
export type ScenarioName =
  | 'synchronised'
  | 'unsynchronised'
  | 'leap insert'
  | 'leap delete'
  | 'gps'
  | 'pps'
  | 'rtc'
  | 'no rtc'
  | 'many sources'
  | 'nts'
  | 'old server'
  | 'permission denied'
  | 'silence'
  | 'loss'
  | 'garbage';

/**
 * The named scenarios, each made by a call: `scenarios.synchronised()`, `scenarios['leap insert']()`. To
 * change one, hand its name to {@link scenario}.
 */
export const scenarios: { readonly [Name in ScenarioName]: () => Scenario } = {
  /** A client of three servers, IPv4 and IPv6, one of them selected; every report answers. */
  synchronised: () => ({
    tracking: synchronisedTo('192.0.2.1'),
    sources: [
      ntpSource('192.0.2.1', { ...selected, name: 'ntp1.example.net' }),
      ntpSource('2001:db8::2', { name: 'ntp2.example.net' }),
      ntpSource('198.51.100.3', { ...falseticker, name: 'ntp3.example.net' }),
    ],
    activity: { online: 3, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 },
    serverStats: serverStats(),
    rtc: defaultRtc(),
    smoothing: defaultSmoothing(),
    clients: clients(),
    manualSamples: manualSamples(),
    serverStatsReply: 25,
    ntpDataReply: 26,
    timeBits: 64,
    unauthorized: [],
    unknown: [],
    faults: noFaults,
  }),

  /** Just started: a server that does not answer, and one whose name is not resolved yet. */
  unsynchronised: () => ({
    ...scenarios.synchronised(),
    tracking: unsynchronised,
    sources: [
      ntpSource('192.0.2.1', { ...unreachable, name: 'ntp1.example.net' }),
      ntpSource('ID#0000000001', { ...unreachable, name: 'ntp2.example.net' }),
    ],
    activity: { online: 1, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 1 },
    smoothing: null,
    clients: [],
    manualSamples: [],
  }),

  /** A second will be inserted at the end of the day. */
  'leap insert': () => withLeap('insert second'),

  /** A second will be deleted at the end of the day. */
  'leap delete': () => withLeap('delete second'),

  /** A GPS receiver is selected, an NTP server stands by. */
  gps: () => ({
    ...scenarios.synchronised(),
    tracking: synchronisedToClock('GPS'),
    sources: [referenceClock('GPS', selected), ntpSource('192.0.2.1', { name: 'ntp1.example.net' })],
    activity: { online: 2, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 },
  }),

  /** A pulse per second is selected; a GPS receiver, which is not to be selected, numbers its pulses. */
  pps: () => ({
    ...scenarios.synchronised(),
    tracking: synchronisedToClock('PPS'),
    sources: [
      referenceClock('PPS', selected),
      referenceClock('GPS', ignored),
      ntpSource('192.0.2.1', { name: 'ntp1.example.net' }),
    ],
    activity: { online: 3, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 },
  }),

  /** A real-time clock is tracked. */
  rtc: () => scenarios.synchronised(),

  /** No real-time clock is tracked. */
  'no rtc': () => ({ ...scenarios.synchronised(), rtc: null }),

  /** 64 servers, as a pool monitor may have; 100 clients. */
  'many sources': () => ({
    ...scenarios.synchronised(),
    sources: Array.from({ length: 64 }, (_, i) =>
      ntpSource(`192.0.2.${i + 1}`, { ...(i === 0 ? selected : {}), name: `ntp${i + 1}.example.net` }),
    ),
    clients: Array.from({ length: 100 }, (_, i) =>
      client(`198.51.100.${i + 1}`, { ntpInterval: 4 + (i % 7) }),
    ),
    activity: { online: 64, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 },
  }),

  /** Every source is authenticated: by NTS, or by a symmetric key. */
  nts: () => ({
    ...scenarios.synchronised(),
    sources: [
      ntpSource('192.0.2.1', { ...nts(selected), name: 'nts1.example.net' }),
      ntpSource('2001:db8::2', { ...nts({}), name: 'nts2.example.net' }),
      ntpSource('198.51.100.3', {
        name: 'ntp3.example.net',
        auth: { mode: 'symmetric key', keyType: 'SHA256', keyId: 7, keyLength: 256 },
        select: { authenticated: true },
        ntp: { authenticated: true },
      }),
    ],
  }),

  /** A server that knows no selectdata, authdata, clients and names, counts little, and sends 32-bit times. */
  'old server': () => ({
    ...scenarios.synchronised(),
    serverStats: { ...serverStats(), ...unknownToOldServers },
    smoothing: null,
    serverStatsReply: 14,
    ntpDataReply: 16,
    timeBits: 32,
    unknown: ['selectdata', 'authdata', 'sourcename', 'clients'],
  }),

  /**
   * chronyd's defaults over UDP: what only root may ask for, over the Unix socket, is refused: four reports, and the clients.
   */
  'permission denied': () => ({
    ...scenarios.synchronised(),
    unauthorized: ['selectdata', 'authdata', 'ntpdata', 'serverstats', 'clients'],
  }),

  /** No answer, ever: a firewall, or a client that chronyd does not allow. */
  silence: () => ({ ...scenarios.synchronised(), faults: { ...noFaults, silent: true } }),

  /** Three replies in ten get lost; unless another seed is given, the second of all is the first of them. */
  loss: () => ({ ...scenarios.synchronised(), faults: { ...noFaults, loss: 0.3 } }),

  /** Noise in place of every reply. */
  garbage: () => ({ ...scenarios.synchronised(), faults: { ...noFaults, garbage: 'instead' } }),
};

function withLeap(leapStatus: 'insert second' | 'delete second'): Scenario {
  const { tracking, sources, ...rest } = scenarios.synchronised();
  return {
    ...rest,
    tracking: { ...tracking, leapStatus },
    sources: sources.map((source) => announcing(source, leapStatus)),
  };
}

function announcing(source: MockSource, leapStatus: 'insert second' | 'delete second'): MockSource {
  return {
    ...source,
    select: { ...source.select, leapStatus },
    ntp: source.ntp && { ...source.ntp, leapStatus },
  };
}
