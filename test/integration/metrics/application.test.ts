/** The metrics on an application's own prom-client registry. */
import { Counter, Gauge, type OpenMetricsContentType, Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Collector } from '../../../src/metrics/collector.ts';
import { expositionOf } from '../../../src/metrics/text.ts';
import { collectChrony } from '../../../src/prometheus/index.ts';
import { referenceClock, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { parseExposition } from '../../support/exposition.ts';

const TRACKING = 33;

/** The series that a registry exposes, by name and labels. */
async function scrape(registry: Pick<Registry, 'metrics'>): Promise<ReadonlyMap<string, number>> {
  const { series } = parseExposition(await registry.metrics());
  return new Map(
    series.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(' '), value]),
  );
}

/** The series that do not differ between two scrapes, i.e. without durations and values that grow with time. */
function steady(scraped: ReadonlyMap<string, number>): [string, number][] {
  return [...scraped].filter(([name]) => !name.includes('duration') && !name.includes('error_bound'));
}

describe('collectChrony', () => {
  it("exposes the series of a snapshot in addition to the registry's own metrics", async () => {
    await using mock = await startMockChronyd('nts');
    const registry = new Registry();
    new Counter({ name: 'own_total', help: 'x', registers: [registry] }).inc(3);
    await using _ = collectChrony(registry, { address: mock.address });
    const scraped = await scrape(registry);
    expect(scraped.get('own_total')).toBe(3);
    await using collector = new Collector({ address: mock.address });
    const { body } = expositionOf(await collector.take());
    const expected = await scrape({ metrics: async () => body });
    expect(steady(scraped).filter(([name]) => name !== 'own_total')).toEqual(steady(expected));
  });

  it('queries chronyd once per scrape, and once for two concurrent scrapes', async () => {
    await using mock = await startMockChronyd();
    const registry = new Registry();
    await using _ = collectChrony(registry, { address: mock.address });
    const queries = (): number => mock.requests.filter(({ code }) => code === TRACKING).length;
    await registry.metrics();
    expect(queries()).toBe(1);
    const [one, other] = await Promise.all([registry.metrics(), registry.metrics()]);
    expect(queries()).toBe(2);
    expect(other).toBe(one);
  });

  it("exposes chronyd's counters and drops series that no longer exist", async () => {
    await using mock = await startMockChronyd('pps');
    const registry = new Registry();
    await using _ = collectChrony(registry, { address: mock.address });
    const before = await scrape(registry);
    expect(before.get('chrony_serverstats_ntp_packets_received_total')).toBe(52318);
    expect(before.get('chrony_sources_stratum PPS PPS')).toBe(0);
    expect(before.has('chrony_smoothing_active')).toBe(true);
    mock.scenario = scenario(mock.scenario, {
      sources: [referenceClock('GPS')],
      smoothing: null,
      serverStats: { ntpReceived: 7 },
      tracking: { leapStatus: 'not synchronized' },
    });
    const after = await scrape(registry);
    // a counter may decrease, as after a restart of chronyd
    expect(after.get('chrony_serverstats_ntp_packets_received_total')).toBe(7);
    const sources = [...after.keys()].filter((key) => key.startsWith('chrony_sources_stratum'));
    expect(sources).toEqual(['chrony_sources_stratum GPS GPS']);
    expect(after.has('chrony_smoothing_active')).toBe(false);
    expect(after.has('chrony_clock_error_bound_seconds')).toBe(false);
    expect(after.get('chrony_clock_synchronized')).toBe(0);
  });

  it('exposes the same series on an OpenMetrics registry, in every scrape', async () => {
    await using mock = await startMockChronyd('gps');
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const chrony = collectChrony(registry, { address: mock.address });
    const scraped = await scrape(registry);
    expect(scraped.get('chrony_serverstats_ntp_packets_received_total')).toBe(52318);
    expect(steady(await scrape(registry))).toEqual(steady(scraped));
    await chrony.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('exposes only the metrics of the selected reports', async () => {
    await using mock = await startMockChronyd();
    const registry = new Registry();
    await using _ = collectChrony(registry, { address: mock.address, reports: ['activity'] });
    const names = new Set([...(await scrape(registry)).keys()].map((key) => key.replace(/ .*/, '')));
    expect([...names].filter((name) => !/^chrony_(activity|scrape|up)/.test(name))).toEqual([]);
    expect(names.has('chrony_activity_online_sources')).toBe(true);
  });

  it('exposes histograms of clients if selected, rebuilt at each scrape', async () => {
    await using mock = await startMockChronyd();
    const registry = new Registry();
    await using chrony = collectChrony(registry, { address: mock.address, reports: ['clients'] });
    const count = async (): Promise<string | undefined> =>
      /^chrony_clients_ntp_drops_count (.*)$/m.exec(await registry.metrics())?.[1];
    // the monitor on the same machine is not an NTP client
    expect(await count()).toBe('15');
    expect(await count()).toBe('15');
    mock.scenario = scenario('synchronized', { clients: [] });
    expect(await count()).toBe('0');
    mock.scenario = scenario('synchronized', { unauthorized: ['clients'] });
    expect(await count()).toBeUndefined();
    await chrony.close();
    expect(registry.getMetricsAsArray()).toEqual([]);
  });

  it('rejects an unknown report and a registry with conflicting names, and leaves the registry unchanged', () => {
    const registry = new Registry();
    // @ts-expect-error: 'sourcename' is the name of a request, not of a report.
    expect(() => collectChrony(registry, { reports: ['sourcename'] })).toThrow(
      /^there is no report 'sourcename'; the reports are: tracking, /,
    );
    const gauge = new Gauge({ name: 'chrony_tracking_stratum', help: 'x', registers: [registry] });
    expect(() => collectChrony(registry)).toThrow(/chrony_tracking_stratum has already been registered/);
    expect(registry.getMetricsAsArray()).toEqual([gauge]);
  });

  it('removes its metrics on close, and can be registered again', async () => {
    await using mock = await startMockChronyd();
    const registry = new Registry();
    for (let round = 0; round < 2; round++) {
      const chrony = collectChrony(registry, { address: mock.address });
      expect((await scrape(registry)).get('chrony_up')).toBe(1);
      await chrony.close();
      expect(await registry.metrics()).toBe('\n');
    }
  });
});

describe('collectChrony with a failing chronyd', () => {
  afterEach(() => vi.restoreAllMocks());

  it('ends a scrape within its limit while chronyd is frozen, and recovers afterwards', async () => {
    await using chronyd = await Chronyd.start();
    const registry = new Registry();
    await using _ = collectChrony(registry, {
      address: chronyd.address,
      reports: ['tracking'],
      // without the limit a request would hardly ever end
      timeoutMs: 600_000,
      limitMs: 2000,
    });
    expect((await scrape(registry)).get('chrony_up')).toBe(1);
    chronyd.freeze();
    const frozen = await scrape(registry);
    expect(frozen.get('chrony_up')).toBe(0);
    expect(frozen.get('chrony_scrape_collector_success tracking')).toBe(0);
    expect(frozen.has('chrony_tracking_stratum')).toBe(false);
    chronyd.thaw();
    expect((await scrape(registry)).get('chrony_up')).toBe(1);
  });

  it('omits a refused report after one warning that explains how to enable it, and exposes the rest', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await using chronyd = await Chronyd.start();
    const registry = new Registry();
    await using _ = collectChrony(registry, {
      address: chronyd.address,
      reports: ['tracking', 'serverstats'],
    });
    for (let round = 0; round < 3; round++) {
      const scraped = await scrape(registry);
      expect(scraped.get('chrony_up')).toBe(1);
      expect(scraped.get('chrony_scrape_collector_success tracking')).toBe(1);
      expect([...scraped.keys()].filter((key) => key.includes('serverstats'))).toEqual([]);
    }
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          new RegExp(
            `^no metrics: serverstats from ${chronyd.address}: [^\\n]* Unix socket\\b[^\\n]* opencommands [^\\n]*$`,
          ),
        ),
        { code: 'ERR_CHRONY_PERMISSION' },
      ],
    ]);
  });

  it('warns of all refused reports in one line', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await using chronyd = await Chronyd.start({ config: ['server 127.0.0.2 port 9'] });
    const registry = new Registry();
    await using _ = collectChrony(registry, { address: chronyd.address });
    await registry.metrics();
    await registry.metrics();
    const refused = 'selectdata, authdata, ntpdata, serverstats';
    const reason = `${chronyd.address}: [^\\n]* Unix socket\\b[^\\n]* opencommands [^\\n]*`;
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(new RegExp(`^no metrics: ${refused} from ${reason}$`)),
        { code: 'ERR_CHRONY_PERMISSION' },
      ],
    ]);
  });

  it('calls `onRefused` instead of the warning if it is given', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    await using mock = await startMockChronyd('permission denied');
    const registry = new Registry();
    const refused: string[] = [];
    const onRefused = (name: string): void => void refused.push(name);
    await using _ = collectChrony(registry, { address: mock.address, onRefused });
    await registry.metrics();
    await registry.metrics();
    expect(refused.toSorted()).toEqual(['authdata', 'ntpdata', 'selectdata', 'serverstats']);
    expect(warn).not.toHaveBeenCalled();
  });
});
