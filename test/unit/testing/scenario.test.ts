import { describe, expect, it } from 'vitest';
import { judgeHealth } from '../../../src/index.ts';
import {
  makeActivity,
  makeAuthData,
  makeClientAccess,
  makeManualSample,
  makeNtpData,
  makeRtcData,
  makeSelectData,
  makeServerStats,
  makeSmoothing,
  makeSource,
  makeSourceStats,
  makeTracking,
  scenarioNames as names,
  ntpSource,
  referenceClock,
  type Scenario,
  type ScenarioName,
  scenario,
  testTime,
} from '../../../src/testing/index.ts';
import { scenarios } from '../../../src/testing/scenarios.ts';

/** The health of a scenario: the state, and the reasons without their remedies. */
function health({ tracking, sources }: Scenario): string {
  const { state, reasons } = judgeHealth(
    makeTracking(tracking),
    sources.map(({ source }) => makeSource(source)),
    {},
    {
      time: testTime,
      selectData: sources.map(({ select }) => makeSelectData(select)),
      authData: sources.flatMap(({ auth }) => (auth === null ? [] : [makeAuthData(auth)])),
    },
  );
  return [state, ...reasons.map((reason) => reason.replace(/ \(.*/, ''))].join('; ');
}

const HEALTH: Readonly<Partial<Record<ScenarioName, string>>> = {
  unsynchronized:
    'critical; not synchronized: follows none of 2 sources; 0 of 2 sources reachable, fewer than 1',
  'no selected source':
    'critical; no source is selected: 0 of 3 sources selectable; 0 of 3 sources reachable, fewer than 1',
  stale: 'warning; last measured 4300 s ago, more than 4096 s',
  disrupted: 'critical; not synchronized: follows none of 3 sources',
  'leap insert': 'warning; a leap second will be inserted at the end of the UTC day',
  'leap delete': 'warning; a leap second will be deleted at the end of the UTC day',
};

describe('named scenarios', () => {
  it.each(names)('%s has valid data', (name) => {
    const { tracking, activity, serverStats, rtc, smoothing, sources, clients, manualSamples } =
      scenarios[name]();
    makeTracking(tracking);
    makeActivity(activity);
    makeServerStats(serverStats);
    if (rtc) makeRtcData(rtc);
    if (smoothing) makeSmoothing(smoothing);
    for (const client of clients ?? []) makeClientAccess(client);
    for (const sample of manualSamples) makeManualSample(sample);
    for (const { source, stats, select, auth, ntp } of sources) {
      makeSource(source);
      makeSourceStats(stats);
      makeSelectData(select);
      if (auth) makeAuthData(auth);
      if (ntp) makeNtpData(ntp);
    }
  });

  it.each(names)('%s has the health that its name suggests', (name) => {
    expect(health(scenario(name))).toBe(HEALTH[name] ?? 'ok');
  });

  it('falseticker is a warning if all four sources must be selectable', () => {
    const { tracking, sources } = scenario('falseticker');
    const judged = judgeHealth(
      makeTracking(tracking),
      sources.map(({ source }) => makeSource(source)),
      { minSelectable: 4 },
      { time: testTime },
    );
    expect(judged).toMatchObject({ state: 'warning', figures: { sources: 4, falsetickers: 1 } });
  });

  it.each(names)('%s identifies a source the same way in every report', (name) => {
    for (const { source, stats, select, auth, ntp } of scenarios[name]().sources) {
      expect(stats.address).toBe(source.address);
      expect(select.address).toBe(source.address);
      expect(select.referenceId).toBe(stats.referenceId);
      if (auth) expect(auth.address).toBe(source.address);
      if (ntp) expect(ntp.remoteAddress).toBe(source.address);
    }
  });

  it.each(names)('%s has each client only once', (name) => {
    const addresses = (scenarios[name]().clients ?? []).map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  it.each(names)('%s has a name for every source except reference clocks', (name) => {
    for (const { name: configured, source } of scenarios[name]().sources)
      expect(typeof configured).toBe(source.mode === 'reference clock' ? 'undefined' : 'string');
  });

  it.each(names)('%s follows the selected source', (name) => {
    const { tracking, sources } = scenarios[name]();
    const selected = sources.filter(({ source }) => source.state === 'selected');
    expect(selected.map(({ stats }) => stats.referenceId)).toEqual(
      // chronyd keeps reporting a source that it has lost
      tracking.referenceId === 0 || name === 'no selected source' ? [] : [tracking.referenceId],
    );
  });

  it('match their names', () => {
    expect(makeTracking(scenarios.synchronized().tracking).isSynchronized()).toBe(true);
    expect(makeTracking(scenarios.unsynchronized().tracking).isSynchronized()).toBe(false);
    expect(scenarios['leap insert']().tracking.leapStatus).toBe('insert second');
    expect(scenarios['leap delete']().tracking.leapStatus).toBe('delete second');
    expect(scenarios.gps().tracking.referenceIdName).toBe('GPS');
    expect(scenarios.pps().sources.map(({ source }) => source.mode)).toEqual([
      'reference clock',
      'reference clock',
      'client',
    ]);
    expect(scenarios.rtc().rtc).not.toBeNull();
    expect(scenarios['no rtc']().rtc).toBeNull();
    expect(scenarios['many sources']().sources).toHaveLength(64);
    expect(scenarios.nts().sources.map(({ auth }) => auth?.mode)).toEqual(['NTS', 'NTS', 'symmetric key']);
  });

  it.each(names)('%s is a new, equal object each time', (name) => {
    expect(scenario(name)).not.toBe(scenario(name));
    expect(scenario(name)).toEqual(scenario(name));
  });
});

describe('scenario()', () => {
  it('merges objects and keeps the rest', () => {
    const base = scenarios.synchronized();
    const changed = scenario(base, { tracking: { stratum: 9 }, faults: { loss: 0.5 }, timeBits: 32 });
    expect(changed.tracking).toEqual({ ...base.tracking, stratum: 9 });
    expect(changed.faults).toEqual({ ...base.faults, loss: 0.5 });
    expect(changed.timeBits).toBe(32);
    expect(changed.sources).toBe(base.sources);
    expect(base.tracking.stratum).toBe(3);
  });

  it('replaces lists', () => {
    const sources = [ntpSource('192.0.2.7')];
    expect(scenario('many sources', { sources }).sources).toBe(sources);
    expect(scenario('permission denied', { unauthorized: ['tracking'] }).unauthorized).toEqual(['tracking']);
  });

  it('switches reports off and on', () => {
    const off = scenario('synchronized', { rtc: null, smoothing: null });
    expect(off.rtc).toBeNull();
    expect(off.smoothing).toBeNull();
    const on = scenario(off, { rtc: { samples: 3 }, smoothing: {} });
    expect(on.rtc).toMatchObject({ samples: 3, span: 3600 });
    expect(on.smoothing?.active).toBe(true);
    expect(scenario('synchronized', { clients: null }).clients).toBeNull();
  });
});

describe('sources', () => {
  it('can be NTP servers with overrides', () => {
    const source = ntpSource('2001:db8::7', { source: { reachability: 1 }, auth: { mode: 'NTS' } });
    expect(source.source).toMatchObject({ address: '2001:db8::7', reachability: 1, mode: 'client' });
    expect(source.auth).toMatchObject({ address: '2001:db8::7', mode: 'NTS', keyType: null });
    expect(source.ntp).toMatchObject({ remoteAddress: '2001:db8::7', localAddress: '2001:db8::100' });
  });

  it('can be reference clocks, which have neither authdata nor ntpdata', () => {
    const clock = referenceClock('PPS', { source: { state: 'selected' } });
    expect(clock.source).toMatchObject({ address: 'PPS', mode: 'reference clock', state: 'selected' });
    expect(clock.stats.referenceId).toBe(0x5050_5300);
    expect(clock.auth).toBeNull();
    expect(clock.ntp).toBeNull();
  });
});
