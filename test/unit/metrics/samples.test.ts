/** The samples of a snapshot: their labels and values, and the metrics that are left out. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING_KNOWN } from '../../../src/clock/max-clock-error.ts';
import { ChronyConnectionError, ChronyDataError, ChronyPermissionError } from '../../../src/index.ts';
import { Collector } from '../../../src/metrics/collector.ts';
import { families, histograms } from '../../../src/metrics/families.ts';
import type { Outcomes, Snapshot } from '../../../src/metrics/snapshot.ts';
import { expositionOf } from '../../../src/metrics/text.ts';
import {
  makeAuthData,
  makeClientAccess,
  makeNtpData,
  makeSelectData,
  makeServerStats,
  makeSource,
  makeSourceStats,
  makeTracking,
  type Scenario,
  type ScenarioName,
  startMockChronyd,
} from '../../../src/testing/index.ts';

function snapshotOf(reports: Outcomes): Snapshot {
  return { time: 1e9, seconds: 0.01, maxClockError: NOTHING_KNOWN, isAnswered: true, reports };
}

function got<T>(value: T) {
  return { value, error: null, seconds: 0.001 } as const;
}

function failed(error: ChronyConnectionError | ChronyPermissionError | ChronyDataError) {
  return { value: null, error, seconds: 0.001 } as const;
}

/** The samples of a metric, as `label,label value`. */
function samplesOf(snapshot: Snapshot, name: string): string[] {
  const family = families.find((each) => each.name === `chrony_${name}`);
  if (family === undefined) throw new Error(`no metric ${name}`);
  return family
    .samples(snapshot)
    .map(({ labels, value }) => `${Object.values(labels).join()} ${value}`.trim());
}

/** The names of all metrics with samples, except the scrape metrics. */
function present(snapshot: Snapshot): string[] {
  const own = families.filter(({ report, samples }) => report !== null && samples(snapshot).length > 0);
  return own.map(({ name }) => name);
}

async function taken(scenario: ScenarioName | Scenario, limitMs = 10_000): Promise<Snapshot> {
  await using mock = await startMockChronyd(scenario);
  await using collector = new Collector({ address: mock.address, limitMs });
  return await collector.take();
}

describe('the clock', () => {
  it('has a bound while it follows a source', () => {
    // the time of the measurement in true time; the clock is off by half a second
    const refTime = 1e9 - 0.5 - 10_000;
    const tracking = makeTracking({ offset: -0.5, rootDispersion: 0.25, rootDelay: 0.5, refTime });
    const snapshot = snapshotOf({ tracking: got(tracking) });
    expect(samplesOf(snapshot, 'clock_error_bound_seconds')).toEqual(['1.5']);
    const maxClockError = { leastPpm: 50, mostPpm: 50, first: null };
    expect(samplesOf({ ...snapshot, maxClockError }, 'clock_error_bound_seconds')).toEqual(['1']);
    expect(samplesOf(snapshot, 'clock_synchronized')).toEqual(['1']);
  });

  it.each([
    ['follows nothing', { referenceId: 0, leapStatus: 'not synchronized' }],
    ['follows a source of stratum 15', { stratum: 16 }],
    ['follows itself', { referenceId: 0x7f7f0101, referenceIp: null, referenceIdName: '127.127.1.1' }],
  ] as const)('has no bound while it %s', (_, overrides) => {
    const snapshot = snapshotOf({ tracking: got(makeTracking(overrides)) });
    expect(samplesOf(snapshot, 'clock_error_bound_seconds')).toEqual([]);
    expect(samplesOf(snapshot, 'clock_synchronized')).toEqual(['0']);
  });

  it.each([
    ['normal', 0],
    ['insert second', 1],
    ['delete second', 2],
    ['not synchronized', 3],
  ] as const)('maps leap status %s to the number %i', (leapStatus, number) => {
    const snapshot = snapshotOf({ tracking: got(makeTracking({ leapStatus })) });
    expect(samplesOf(snapshot, 'tracking_leap_status')).toEqual([String(number)]);
  });

  it.each([
    [
      { referenceIp: '192.0.2.1', referenceIdName: '192.0.2.1', referenceId: 0xc0000201 },
      '192.0.2.1,192.0.2.1,C0000201',
    ],
    [{ referenceIp: null, referenceIdName: 'GPS', referenceId: 0x47505300 }, 'GPS,GPS,47505300'],
    [
      { referenceIp: null, referenceIdName: '127.127.1.1', referenceId: 0x7f7f0101 },
      '7F7F0101,7F7F0101,7F7F0101',
    ],
    [{ referenceIp: null, referenceIdName: '', referenceId: 0 }, ',,00000000'],
  ])('labels the reference %j as %s', (overrides, labels) => {
    const snapshot = snapshotOf({ tracking: got(makeTracking(overrides)) });
    expect(samplesOf(snapshot, 'tracking_info')).toEqual([`${labels} 1`]);
  });

  it.each([
    ['127.127.1.1', 0],
    ['192.0.2.1', 1],
    [null, 1],
  ] as const)('with a reference at %s reports a remote reference: %i', (referenceIp, number) => {
    const snapshot = snapshotOf({ tracking: got(makeTracking({ referenceIp })) });
    expect(samplesOf(snapshot, 'tracking_remote_reference')).toEqual([String(number)]);
  });
});

describe('a missing value', () => {
  it('has the placeholder of chrony_exporter for a source without samples, and a separate metric shows that it has none', () => {
    const never = { lastSampleAgo: null, latestMeas: 0, latestMeasErr: 0 };
    const snapshot = snapshotOf({ sources: got([makeSource(never)]) });
    const source = '192.0.2.1,192.0.2.1';
    expect(samplesOf(snapshot, 'sources_last_sample_age_seconds')).toEqual([`${source} 4294967295`]);
    expect(samplesOf(snapshot, 'sources_last_sample_offset_seconds')).toEqual([`${source} 0`]);
    expect(samplesOf(snapshot, 'sources_last_sample_error_margin_seconds')).toEqual([`${source} 0`]);
    expect(samplesOf(snapshot, 'sources_sampled')).toEqual([`${source} 0`]);
    const sampled = snapshotOf({ sources: got([makeSource({ lastSampleAgo: 0, reachability: 0b101 })]) });
    expect(samplesOf(sampled, 'sources_sampled')).toEqual([`${source} 1`]);
    expect(samplesOf(sampled, 'sources_reachability_ratio')).toEqual([`${source} 0.25`]);
    expect(samplesOf(sampled, 'sources_reachability_success')).toEqual([`${source} 1`]);
  });

  it('is 0 for a source that has not answered', () => {
    const nothing = { mode: null, offset: 0, peerDelay: 0, peerDispersion: 0, responseTime: 0 };
    const snapshot = snapshotOf({ ntpdata: got([makeNtpData(nothing)]) });
    for (const name of ['offset_seconds', 'delay_seconds', 'dispersion_seconds', 'response_time_seconds']) {
      expect(samplesOf(snapshot, `sources_peer_${name}`)).toEqual(['192.0.2.1,192.0.2.1 0']);
    }
  });

  it('is absent for a source whose name is not resolved', () => {
    const snapshot = snapshotOf({ sources: got([makeSource({ address: 'ID#0000000001' }), makeSource()]) });
    expect(samplesOf(snapshot, 'sources_stratum')).toEqual(['192.0.2.1,192.0.2.1 2']);
  });

  it('is absent for a source without NTS, and before the first key exchange', () => {
    const nts = makeAuthData({ address: '192.0.2.2', mode: 'NTS', lastKeAgo: null, cookies: 0, nak: true });
    const snapshot = snapshotOf({ authdata: got([makeAuthData(), nts]) });
    expect(samplesOf(snapshot, 'authdata_nts_cookies')).toEqual(['192.0.2.2,192.0.2.2 0']);
    expect(samplesOf(snapshot, 'authdata_nts_nak')).toEqual(['192.0.2.2,192.0.2.2 1']);
    expect(samplesOf(snapshot, 'authdata_nts_last_key_exchange_age_seconds')).toEqual([]);
  });

  it('is absent for a counter that chronyd does not have', () => {
    const snapshot = snapshotOf({ serverstats: got(makeServerStats({ hardwareTx: null, hardwareRx: 0 })) });
    expect(samplesOf(snapshot, 'serverstats_ntp_hw_tx_timestamps_total')).toEqual([]);
    expect(samplesOf(snapshot, 'serverstats_ntp_hw_rx_timestamps_total')).toEqual(['0']);
  });

  it('is absent for a feature that is not enabled', () => {
    const snapshot = snapshotOf({ rtcdata: got(null), smoothing: got(null) });
    expect(present(snapshot)).toEqual([]);
    expect(samplesOf(snapshot, 'up')).toEqual(['1']);
  });

  it('is never exported as a placeholder number, in any scenario', async () => {
    for (const name of ['unsynchronized', 'old server', 'pps', 'many sources'] as const) {
      const snapshot = await taken(name);
      for (const family of families) {
        for (const { value } of family.samples(snapshot)) {
          const isAge = family.name === 'chrony_sources_last_sample_age_seconds';
          expect(Number.isFinite(value) && (isAge || value !== 2 ** 32 - 1), family.name).toBe(true);
        }
      }
    }
  });
});

describe('sources', () => {
  /** A snapshot of five reports on the same sources; two of the reports leave out reference clocks. */
  function snapshotOfSources(addresses: readonly string[], clocks: readonly string[] = []): Snapshot {
    const all = [...clocks, ...addresses];
    return snapshotOf({
      sources: got(all.map((address) => makeSource({ address }))),
      sourcestats: got(all.map((address) => makeSourceStats({ address }))),
      selectdata: got(all.map((address) => makeSelectData({ address }))),
      authdata: got(addresses.map((address) => makeAuthData({ address, mode: 'NTS', lastKeAgo: 1 }))),
      ntpdata: got(addresses.map((remoteAddress) => makeNtpData({ remoteAddress }))),
    });
  }

  function labelsOf(snapshot: Snapshot, name: string): string[] {
    const family = families.find((each) => each.name === `chrony_${name}`);
    return (family?.samples(snapshot) ?? []).map(({ labels }) =>
      [labels['source_address'], labels['source_name']].join(' '),
    );
  }

  it('have the same labels in every report', () => {
    const ntp = ['192.0.2.1', '2001:db8::1', '::1'];
    const snapshot = snapshotOfSources(ntp, ['GPS', 'PPS0', 'GPS']);
    const ntpLabels = ntp.map((each) => `${each} ${each}`);
    const clockLabels = ['GPS GPS', 'PPS0 PPS0', 'GPS GPS#2'];
    for (const name of ['sources_stratum', 'sources_state_info', 'sourcestats_samples', 'selectdata_score']) {
      expect(labelsOf(snapshot, name)).toEqual([...clockLabels, ...ntpLabels]);
    }
    for (const name of ['sources_peer_delay_seconds', 'authdata_nts_cookies']) {
      expect(labelsOf(snapshot, name)).toEqual(ntpLabels);
    }
  });

  it('never yield the same series twice, with any names', () => {
    const name = fc.oneof(
      fc.constantFrom('GPS', 'A', 'A#2', 'A#3', '', '::1', 'ID#0000000001', '192.0.2.1', '71.80.83.0'),
      fc.string({ maxLength: 4 }),
      fc.ipV4(),
      fc.ipV6(),
    );
    fc.assert(
      fc.property(fc.array(name), fc.array(name), (addresses, clocks) => {
        const snapshot = snapshotOfSources(addresses, clocks);
        for (const family of families) {
          const samples = family.samples(snapshot);
          const distinct = new Set(samples.map(({ labels }) => JSON.stringify(labels)));
          expect(distinct.size, family.name).toBe(samples.length);
          for (const { labels } of samples) expect(Object.keys(labels)).toEqual(family.labels);
        }
        const resolved = [...addresses, ...clocks].filter((each) => !each.startsWith('ID#'));
        expect(labelsOf(snapshot, 'sources_stratum')).toHaveLength(resolved.length);
      }),
    );
  });
});

describe('up', () => {
  const refused = failed(new ChronyPermissionError('no'));
  const tracking = got(makeTracking());

  it.each<readonly [string, Outcomes, number, readonly string[]]>([
    ['all reports are available', { tracking }, 1, ['tracking 1']],
    ['a report is refused', { tracking, ntpdata: refused }, 1, ['tracking 1']],
    [
      'chronyd is too old for a report',
      { tracking, authdata: failed(new ChronyDataError('', { errorCode: 12 })) },
      1,
      ['tracking 1'],
    ],
    [
      'a report failed',
      { tracking, sources: failed(new ChronyDataError('', { errorCode: 14 })) },
      0,
      ['tracking 1', 'sources 0'],
    ],
    ['no chronyd answers', { tracking: failed(new ChronyConnectionError('')) }, 0, ['tracking 0']],
    ['the socket itself is refused', { tracking: refused, sources: refused }, 0, []],
  ])('is correct if %s', (_, reports, up, success) => {
    const snapshot = snapshotOf(reports);
    expect(samplesOf(snapshot, 'up')).toEqual([String(up)]);
    expect(samplesOf(snapshot, 'scrape_collector_success')).toEqual(success);
    expect(samplesOf(snapshot, 'scrape_collector_duration_seconds')).toHaveLength(success.length);
  });

  it('is 1 for a chronyd that is too old for two reports, and 0 without valid replies', async () => {
    expect(samplesOf(await taken('old server'), 'up')).toEqual(['1']);
    expect(samplesOf(await taken('permission denied'), 'up')).toEqual(['1']);
    for (const name of ['silence', 'garbage'] as const) {
      const snapshot = await taken(name, 200);
      expect(samplesOf(snapshot, 'up')).toEqual(['0']);
      expect(present(snapshot)).toEqual([]);
    }
  });
});

describe('names', () => {
  const sources = [
    makeSource({ address: '192.0.2.1', name: 'ntp1.example.net', state: 'selected' }),
    makeSource({ address: '192.0.2.2', name: '192.0.2.2' }),
    makeSource({ address: 'GPS', mode: 'reference clock', name: null }),
    makeSource({ address: 'ID#0000000001', name: 'unresolved.example' }),
  ];

  it('are the configured names in the labels of every report', () => {
    const snapshot = snapshotOf({
      sources: got(sources),
      sourcestats: got(sources.map(({ address }) => makeSourceStats({ address, samples: 7 }))),
      ntpdata: got([makeNtpData({ remoteAddress: '192.0.2.1', peerDelay: 0.5 })]),
    });
    // a source whose name is not resolved has no metrics
    const labels = ['192.0.2.1,ntp1.example.net', '192.0.2.2,192.0.2.2', 'GPS,GPS'];
    expect(samplesOf(snapshot, 'sourcestats_samples')).toEqual(labels.map((each) => `${each} 7`));
    expect(samplesOf(snapshot, 'sources_peer_delay_seconds')).toEqual([`${labels[0]} 0.5`]);
  });

  it('are addresses if chronyd does not give names or the sources report is off', () => {
    const stats = got([makeSourceStats({ address: '192.0.2.1', samples: 7 })]);
    const unnamed = got([makeSource({ address: '192.0.2.1', name: null })]);
    for (const reports of [{ sourcestats: stats }, { sourcestats: stats, sources: unnamed }])
      expect(samplesOf(snapshotOf(reports), 'sourcestats_samples')).toEqual(['192.0.2.1,192.0.2.1 7']);
  });

  it('identify the source that the clock follows', () => {
    const tracking = got(makeTracking({ referenceIp: '192.0.2.1', referenceId: 0xc0000201 }));
    expect(samplesOf(snapshotOf({ tracking, sources: got(sources) }), 'tracking_info')).toEqual([
      '192.0.2.1,ntp1.example.net,C0000201 1',
    ]);
    expect(samplesOf(snapshotOf({ tracking }), 'tracking_info')).toEqual(['192.0.2.1,192.0.2.1,C0000201 1']);
  });
});

describe('clients', () => {
  function observed(name: string, clients: readonly Parameters<typeof makeClientAccess>[0][]) {
    const all = clients.map((client) => makeClientAccess(client));
    const histogram = histograms.find((each) => each.name === `chrony_clients_${name}`);
    return histogram?.observations(snapshotOf({ clients: got(all) }));
  }
  const NO_NTP = { ntpHits: 0, ntpDrops: 0, lastNtpHitAgo: null, ntpInterval: null };

  it('count as NTS with a key establishment, and as NTP without one', () => {
    const clients = got(
      [{}, { ntsKeHits: 1 }, { ...NO_NTP, commandHits: 1 }].map((each) => makeClientAccess(each)),
    );
    expect(samplesOf(snapshotOf({ clients }), 'clients_connected')).toEqual(['ntp 2', 'nts 1']);
    expect(samplesOf(snapshotOf({ clients: got([]) }), 'clients_connected')).toEqual(['ntp 0', 'nts 0']);
    expect(samplesOf(snapshotOf({}), 'clients_connected')).toEqual([]);
  });

  it('have histograms of known values, only for clients with NTP requests', () => {
    expect(
      observed('last_ntp_hit_ago_seconds', [{ lastNtpHitAgo: 3 }, { lastNtpHitAgo: null }, NO_NTP]),
    ).toEqual([3]);
    expect(observed('ntp_interval_seconds', [{ ntpInterval: 6 }, { ntpInterval: null }, NO_NTP])).toEqual([
      64,
    ]);
    expect(observed('ntp_drops', [{ ntpDrops: 0 }, { ntpHits: 0, ntpDrops: 3 }, NO_NTP])).toEqual([0, 3]);
  });

  it('have empty histograms without clients, and no histograms if not requested', async () => {
    expect(observed('ntp_drops', [])).toEqual([]);
    expect(histograms.map((each) => each.observations(snapshotOf({})))).toEqual([null, null, null]);
    const { body } = expositionOf(snapshotOf({ clients: got([]) }));
    expect(body).toContain('chrony_clients_ntp_drops_bucket{le="100"} 0\n');
    expect(body).toContain('chrony_clients_ntp_drops_count 0\n');
    expect(expositionOf(snapshotOf({})).body).not.toContain('chrony_clients');
  });

  it('are counted in the buckets that existing dashboards use', async () => {
    const clients = [1, 64, 3600].map((age) =>
      makeClientAccess({ lastNtpHitAgo: age, ntpInterval: 6, ntpDrops: 60 }),
    );
    const { body } = expositionOf(snapshotOf({ clients: got(clients) }));
    const buckets = (name: string): string[] =>
      [
        ...body.matchAll(
          new RegExp(`^chrony_clients_${name}_(bucket|sum|count)(?:{le="(.*)"})? (\\S+)$`, 'gm'),
        ),
      ].map(([, kind, le, value]) => `${le ?? kind} ${value}`);
    expect(buckets('last_ntp_hit_ago_seconds')).toEqual([
      ...['1 1', '5 1', '30 1', '60 1', '300 2', '1800 2', '3600 3', '21600 3', '86400 3', '+Inf 3'],
      ...['sum 3665', 'count 3'],
    ]);
    expect(buckets('ntp_interval_seconds').slice(3, 5)).toEqual(['60 0', '300 3']);
    expect(buckets('ntp_drops')).toEqual([
      ...['0 0', '1 0', '2 0', '5 0', '10 0', '50 0', '100 3', '+Inf 3', 'sum 180', 'count 3'],
    ]);
  });
});
