/** The named scenarios. Each call makes a new object with the same values. */

import { noFaults } from './faults.ts';
import {
  client,
  clients,
  defaultRtc,
  defaultSmoothing,
  falseticker,
  ignored,
  lost,
  manualSamples,
  measuredOnce,
  nts,
  restarted,
  selected,
  serverStats,
  stale,
  synchronizedTo,
  synchronizedToClock,
  unknownToOldServers,
  unreachable,
  unsynchronized,
} from './presets.ts';
import type { Scenario } from './scenario.ts';
import { type MockSource, ntpSource, referenceClock } from './sources.ts';

const servers = ['192.0.2.1', '2001:db8::2', '198.51.100.3'] as const;

/**
 * The name of a scenario. The health check of a scenario is `ok` unless its description says otherwise.
 *
 * - `synchronized`: a client of three servers, IPv4 and IPv6, one of them selected; every report is available.
 * - `unsynchronized`: just started; one server does not answer, and the name of another is not resolved yet. Critical.
 * - `falseticker`: four servers, one of which disagrees with the others by half a second. A warning only if four
 *   sources must be selectable (`minSelectable`).
 * - `no selected source`: all servers became unreachable ten minutes ago. chronyd still reports its last reference. Critical.
 * - `stale`: the selected server has missed four polls, of 1024 s each. A warning.
 * - `disrupted`: the machine was suspended for an hour, or its clock jumped; chronyd has noticed, dropped its
 *   measurements, and measured once since. Critical. (A `BoundedClock` has the status `unknown` in this scenario: it
 *   reads `disrupted` from a Linux device.)
 * - `leap insert`, `leap delete`: a second will be inserted or deleted at the end of the day. A warning.
 * - `gps`, `pps`: a reference clock is selected.
 * - `rtc`, `no rtc`: a real-time clock is tracked, or none.
 * - `many sources`: 64 servers, as a pool monitor may have; 100 clients.
 * - `nts`: every source is authenticated, by NTS or a symmetric key.
 * - `old server`: does not know selectdata, authdata, clients or names, has few counters, and sends 32-bit times.
 * - `permission denied`: the defaults of chronyd over UDP: selectdata, authdata, ntpdata, serverstats and the
 *   clients are refused.
 * - `silence`: no replies at all. Critical.
 * - `loss`: three replies in ten are lost.
 * - `garbage`: noise in place of every reply. Critical.
 */
export type ScenarioName =
  | 'synchronized'
  | 'unsynchronized'
  | 'falseticker'
  | 'no selected source'
  | 'stale'
  | 'disrupted'
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

/** Functions that make the named scenarios. To change one, pass its name to {@link scenario}. */
export const scenarios: { readonly [Name in ScenarioName]: () => Scenario } = {
  /** A client of three servers, IPv4 and IPv6, one of them selected; every report is available. */
  synchronized: () => ({
    tracking: synchronizedTo('192.0.2.1'),
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

  /** Just started: one server does not answer, and the name of another is not resolved yet. */
  unsynchronized: () => ({
    ...scenarios.synchronized(),
    tracking: unsynchronized,
    sources: [
      ntpSource('192.0.2.1', { ...unreachable, name: 'ntp1.example.net' }),
      ntpSource('ID#0000000001', { ...unreachable, name: 'ntp2.example.net' }),
    ],
    activity: { online: 1, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 1 },
    smoothing: null,
    clients: [],
    manualSamples: [],
  }),

  /** One of four servers is wrong. */
  falseticker: () => ({
    ...scenarios.synchronized(),
    sources: [
      ntpSource('192.0.2.1', { ...selected, name: 'ntp1.example.net' }),
      ntpSource('2001:db8::2', { name: 'ntp2.example.net' }),
      ntpSource('198.51.100.3', { name: 'ntp3.example.net' }),
      ntpSource('203.0.113.4', { ...falseticker, name: 'ntp4.example.net' }),
    ],
    activity: { ...scenarios.synchronized().activity, online: 4 },
  }),

  /** All servers became unreachable; chronyd keeps its last reference. */
  'no selected source': () => {
    const made = scenarios.synchronized();
    return {
      ...made,
      tracking: { ...made.tracking, refTime: -627, rootDispersion: 0.0307 },
      sources: servers.map((address, i) => ntpSource(address, { ...lost, name: `ntp${i + 1}.example.net` })),
    };
  },

  /** The selected server, and the others, have missed polls. */
  stale: () => {
    const made = scenarios.synchronized();
    return {
      ...made,
      tracking: { ...made.tracking, refTime: -4300, rootDispersion: 0.0061, updateInterval: 1032.4 },
      sources: servers.map((address, i) =>
        ntpSource(address, { ...stale(i === 0 ? selected : {}), name: `ntp${i + 1}.example.net` }),
      ),
    };
  },

  /** The machine was suspended for an hour; each server was measured once since. */
  disrupted: () => ({
    ...scenarios.synchronized(),
    tracking: restarted,
    sources: servers.map((address, i) =>
      ntpSource(address, { ...measuredOnce, name: `ntp${i + 1}.example.net` }),
    ),
    smoothing: null,
  }),

  /** A second will be inserted at the end of the day. */
  'leap insert': () => withLeap('insert second'),

  /** A second will be deleted at the end of the day. */
  'leap delete': () => withLeap('delete second'),

  /** A GPS receiver is selected; an NTP server is in reserve. */
  gps: () => ({
    ...scenarios.synchronized(),
    tracking: synchronizedToClock('GPS'),
    sources: [referenceClock('GPS', selected), ntpSource('192.0.2.1', { name: 'ntp1.example.net' })],
    activity: { online: 2, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 },
  }),

  /** A PPS clock is selected. A GPS receiver, which must not be selected, numbers its pulses. */
  pps: () => ({
    ...scenarios.synchronized(),
    tracking: synchronizedToClock('PPS'),
    sources: [
      referenceClock('PPS', selected),
      referenceClock('GPS', ignored),
      ntpSource('192.0.2.1', { name: 'ntp1.example.net' }),
    ],
    activity: { online: 3, offline: 0, burstOnline: 0, burstOffline: 0, unresolved: 0 },
  }),

  /** A real-time clock is tracked. */
  rtc: () => scenarios.synchronized(),

  /** No real-time clock is tracked. */
  'no rtc': () => ({ ...scenarios.synchronized(), rtc: null }),

  /** 64 servers, as a pool monitor may have; 100 clients. */
  'many sources': () => ({
    ...scenarios.synchronized(),
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
    ...scenarios.synchronized(),
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

  /** A server that does not know selectdata, authdata, clients or names, has few counters, and sends 32-bit times. */
  'old server': () => ({
    ...scenarios.synchronized(),
    serverStats: { ...serverStats(), ...unknownToOldServers },
    smoothing: null,
    serverStatsReply: 14,
    ntpDataReply: 16,
    timeBits: 32,
    unknown: ['selectdata', 'authdata', 'sourcename', 'clients'],
  }),

  /**
   * The defaults of chronyd over UDP: four reports and the clients are refused, because only root may request them,
   * over the Unix socket.
   */
  'permission denied': () => ({
    ...scenarios.synchronized(),
    unauthorized: ['selectdata', 'authdata', 'ntpdata', 'serverstats', 'clients'],
  }),

  /** No replies at all: a firewall, or a client that chronyd does not allow. */
  silence: () => ({ ...scenarios.synchronized(), faults: { ...noFaults, silent: true } }),

  /** Three replies in ten are lost. With the default seed, the second reply is the first to be lost. */
  loss: () => ({ ...scenarios.synchronized(), faults: { ...noFaults, loss: 0.3 } }),

  /** Noise in place of every reply. */
  garbage: () => ({ ...scenarios.synchronized(), faults: { ...noFaults, garbage: 'instead' } }),
};

/** The names of all scenarios, for tests that run with each. */
export const scenarioNames: readonly ScenarioName[] = Object.keys(scenarios) as ScenarioName[];

function withLeap(leapStatus: 'insert second' | 'delete second'): Scenario {
  const { tracking, sources, ...rest } = scenarios.synchronized();
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
