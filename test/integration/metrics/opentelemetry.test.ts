/** The metrics of an application that uses OpenTelemetry, with its real SDK and its Prometheus exporter. */
import { ValueType } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { DataPointType, MeterProvider, type MetricData, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Collector } from '../../../src/metrics/collector.ts';
import { families } from '../../../src/metrics/families.ts';
import { expositionOf } from '../../../src/metrics/text.ts';
import { observeChrony } from '../../../src/opentelemetry/index.ts';
import { instrumentOf } from '../../../src/opentelemetry/instrument.ts';
import { referenceClock, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { parseExposition, type Series } from '../../support/exposition.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { startPair } from '../../support/pair.ts';

afterEach(() => vi.restoreAllMocks());

/** Collects on demand. */
class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}

  async metrics(): Promise<readonly MetricData[]> {
    const { resourceMetrics, errors } = await this.collect();
    expect(errors).toEqual([]);
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  async text(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resourceMetrics);
  }
}

function meterAndReader() {
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  return { meter: provider.getMeter('test'), reader };
}

/** The suffixes that OpenTelemetry's rules append to a metric name for a UCUM unit. This exporter does not append them. */
const SUFFIXES: Readonly<Record<string, string>> = { s: '_seconds', '1': '_ratio', '': '', ppm: '_ppm' };

/** The Prometheus name of a metric by OpenTelemetry's rules. */
function translated({ descriptor: { name, unit }, dataPointType }: MetricData): string {
  const total = dataPointType === DataPointType.SUM ? '_total' : '';
  return `${name.replaceAll('.', '_')}${SUFFIXES[unit] ?? `_${unit}`}${total}`;
}

function sorted(series: readonly Series[]): string[] {
  const texts = series.map(({ name, labels, value }) => `${name} ${JSON.stringify(labels)} ${value}`);
  return texts.filter((text) => !text.includes('duration')).toSorted();
}

it('has the same names as the Prometheus metrics after the translation', async () => {
  await using mock = await startMockChronyd('nts');
  const { meter, reader } = meterAndReader();
  await using _ = observeChrony(meter, { address: mock.address });
  const metrics = await reader.metrics();
  const wanted = families.filter(({ report }) => report !== 'clients');
  expect(metrics.map(translated)).toEqual(wanted.map(({ name }) => name.replace(/_ppms$/, '_ppm')));
});

it.each([
  ['chrony_up', 'chrony.up', ''],
  ['chrony_tracking_last_offset_seconds', 'chrony.tracking.last_offset', 's'],
  ['chrony_tracking_frequency_ppms', 'chrony.tracking.frequency', 'ppm'],
  ['chrony_sourcestats_frequency_skew_ppms', 'chrony.sourcestats.frequency_skew', 'ppm'],
  ['chrony_smoothing_wander_ppms', 'chrony.smoothing.wander', 'ppm'],
  ['chrony_sources_reachability_ratio', 'chrony.sources.reachability', '1'],
  ['chrony_sourcestats_offset', 'chrony.sourcestats.offset', ''],
  ['chrony_serverstats_ntp_packets_received_total', 'chrony.serverstats.ntp_packets_received', ''],
])('names %s as %s with unit %j', (name, dotted, unit) => {
  const family = families.find((each) => each.name === name);
  expect(family && instrumentOf(family)).toMatchObject({ name: dotted, unit });
});

it('exports to Prometheus the same series as the text of a snapshot', async () => {
  await using mock = await startMockChronyd('pps');
  const { meter, reader } = meterAndReader();
  await using _ = observeChrony(meter, { address: mock.address });
  const metrics = await reader.metrics();
  const names = new Map(metrics.map((each) => [each.descriptor.name.replaceAll('.', '_'), translated(each)]));
  const exported = parseExposition(await reader.text()).series.map(({ name, ...rest }) => ({
    name: names.get(name.replace(/_total$/, '')) ?? name,
    ...rest,
  }));
  await using collector = new Collector({ address: mock.address });
  const { body } = expositionOf(await collector.take());
  // the error bound grows with time
  const steady = ({ name }: Series): boolean => name !== 'chrony_clock_error_bound_seconds';
  const series = parseExposition(body).series.map(({ name, ...rest }) => ({
    name: name.replace(/_ppms$/, '_ppm'),
    ...rest,
  }));
  expect(sorted(exported.filter(steady))).toEqual(sorted(series.filter(steady)));
  expect(exported).toHaveLength(series.length);
});

it('observes counters as monotonic sums, and all other types as they are', async () => {
  await using mock = await startMockChronyd('nts');
  const { meter, reader } = meterAndReader();
  await using _ = observeChrony(meter, { address: mock.address });
  for (const metric of await reader.metrics()) {
    const { type } = families.find(({ name }) => name.replace(/_ppms$/, '_ppm') === translated(metric)) ?? {};
    expect(metric.dataPointType === DataPointType.SUM && metric.isMonotonic).toBe(type === 'counter');
    expect(metric.descriptor.description).not.toBe('');
  }
});

it('queries chronyd once per collection, and not after it is closed', async () => {
  await using mock = await startMockChronyd();
  const { meter, reader } = meterAndReader();
  const chrony = observeChrony(meter, { address: mock.address, reports: ['activity'] });
  await reader.metrics();
  const once = mock.requests.length;
  await reader.metrics();
  expect(mock.requests.length).toBe(2 * once);
  await chrony.close();
  await reader.metrics();
  expect(mock.requests.length).toBe(2 * once);
});

it('ends a collection within its limit while chronyd is frozen, and reports it as down', async () => {
  await using chronyd = await Chronyd.start();
  const { meter, reader } = meterAndReader();
  // without the limit a request would hardly ever end
  const limits = { timeoutMs: 600_000, limitMs: 2000 };
  await using _ = observeChrony(meter, { address: chronyd.address, reports: ['tracking'], ...limits });
  const value = async (name: string): Promise<unknown> =>
    (await reader.metrics()).find(({ descriptor }) => descriptor.name === name)?.dataPoints.at(-1)?.value;
  expect(await value('chrony.up')).toBe(1);
  chronyd.freeze();
  expect(await value('chrony.up')).toBe(0);
  chronyd.thaw();
  expect(await value('chrony.up')).toBe(1);
});

it('observes NaN for a value that is no longer known, until it is known again', async () => {
  await using mock = await startMockChronyd('pps');
  const { meter, reader } = meterAndReader();
  await using _ = observeChrony(meter, { address: mock.address });
  const values = async (name: string): Promise<unknown> => {
    const metric = (await reader.metrics()).find(({ descriptor }) => descriptor.name === name);
    const all =
      metric?.dataPoints.map(({ attributes, value }) => [attributes['source_name'] ?? '', value]) ?? [];
    return Object.fromEntries(all);
  };
  const before = mock.scenario;
  const [stratum, bound] = ['chrony.sources.stratum', 'chrony.clock.error_bound'];
  expect(await values(stratum)).toEqual({ PPS: 0, GPS: 0, 'ntp1.example.net': 2 });
  // the last measurement was 9 s ago, or some seconds more on a slow machine; the clock may drift by 50 ppm
  const { '': width } = (await values(bound)) as { readonly '': number };
  expect(width).toBeGreaterThanOrEqual(1.28e-5 + 9 * 50e-6);
  expect(width).toBeLessThan(1.28e-5 + 30 * 50e-6);
  mock.scenario = scenario(before, {
    sources: [referenceClock('GPS')],
    tracking: { leapStatus: 'not synchronized' },
  });
  for (let round = 0; round < 2; round++) {
    expect(await values(stratum)).toEqual({ PPS: Number.NaN, GPS: 0, 'ntp1.example.net': Number.NaN });
    expect(await values(bound)).toEqual({ '': Number.NaN });
  }
  mock.scenario = before;
  expect(await values(stratum)).toEqual({ PPS: 0, GPS: 0, 'ntp1.example.net': 2 });
});

it('continues its counters when chronyd is back', async () => {
  await using mock = await startMockChronyd();
  const { meter, reader } = meterAndReader();
  await using _ = observeChrony(meter, { address: mock.address, limitMs: 2000 });
  const received = async (): Promise<unknown> => {
    const name = 'chrony.serverstats.ntp_packets_received';
    return (await reader.metrics()).find(({ descriptor }) => descriptor.name === name)?.dataPoints[0]?.value;
  };
  expect(await received()).toBe(52318);
  mock.pause();
  await received();
  mock.resume();
  mock.scenario = scenario(mock.scenario, { serverStats: { ntpReceived: 52320 } });
  expect(await received()).toBe(52320);
});

it('warns once of a refused report and observes nothing for it', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  await using chronyd = await Chronyd.start();
  const { meter, reader } = meterAndReader();
  await using _ = observeChrony(meter, { address: chronyd.address, reports: ['tracking', 'serverstats'] });
  await reader.metrics();
  const names = (await reader.metrics()).map(({ descriptor }) => descriptor.name);
  expect(names.filter((name) => name.includes('serverstats'))).toEqual([]);
  expect(names).toContain('chrony.tracking.stratum');
  expect(warn.mock.calls).toEqual([
    [expect.stringContaining('serverstats'), { code: expect.stringMatching(/./) }],
  ]);
});

it('observes the number of clients if selected, and no histograms', async () => {
  await using mock = await startMockChronyd();
  const { meter, reader } = meterAndReader();
  await using _ = observeChrony(meter, { address: mock.address, reports: ['clients'] });
  const metrics = (await reader.metrics()).filter(({ descriptor }) => /clients/.test(descriptor.name));
  expect(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
  ).toEqual([['chrony.clients.connected', [14, 2]]]);
});

describe("with names: 'ntp'", () => {
  /** From the documentation of the Collector's chronyreceiver: the unit, integer or not, with `leap.status` or not. */
  const RECEIVER = {
    'ntp.time.correction': ['seconds', false, true],
    'ntp.time.last_offset': ['seconds', false, true],
    'ntp.time.rms_offset': ['seconds', false, true],
    'ntp.time.root_delay': ['seconds', false, true],
    'ntp.frequency.offset': ['ppm', false, true],
    'ntp.skew': ['ppm', false, false],
    'ntp.stratum': ['{count}', true, false],
  };

  /** The columns of the values in the CSV of `chronyc tracking`. */
  const COLUMNS = {
    'ntp.time.correction': 4,
    'ntp.time.last_offset': 5,
    'ntp.time.rms_offset': 6,
    'ntp.time.root_delay': 10,
    'ntp.frequency.offset': 7,
    'ntp.skew': 9,
    'ntp.stratum': 2,
  };

  const points = (metrics: readonly MetricData[]) =>
    Object.fromEntries(
      metrics.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => [attributes, value]),
      ]),
    );

  it('has the metrics, units and attribute of the chronyreceiver, with the values of chronyc', async () => {
    await using pair = await startPair();
    await using frozen = await FrozenChronyd.of(pair.client);
    const { meter, reader } = meterAndReader();
    await using _ = observeChrony(meter, { address: frozen.address, names: 'ntp' });
    const metrics = await reader.metrics();
    const shapes = metrics.map(({ descriptor, dataPointType, dataPoints: [point] }) => {
      expect(dataPointType).toBe(DataPointType.GAUGE);
      const hasLeap = 'leap.status' in (point?.attributes ?? {});
      return [descriptor.name, [descriptor.unit, descriptor.valueType === ValueType.INT, hasLeap]];
    });
    expect(Object.fromEntries(shapes)).toEqual(RECEIVER);
    const port = Number(frozen.address.split(':').at(-1));
    const printed = (await installedChronyc().printAt(port, '-c', 'tracking')).split(',');
    for (const [name, column] of Object.entries(COLUMNS)) {
      const [[attributes, value] = []] = points(metrics)[name] ?? [];
      // chronyc prints times to nanoseconds, and frequencies to thousandths of a ppm
      const digits =
        metrics.find(({ descriptor }) => descriptor.name === name)?.descriptor.unit === 'ppm' ? 3 : 8;
      expect([name, value]).toEqual([name, expect.closeTo(Number(printed[column]), digits)]);
      if (name !== 'ntp.skew' && name !== 'ntp.stratum')
        expect(attributes).toEqual({ 'leap.status': 'normal' });
    }
  });

  it.each([
    ['normal', 'normal'],
    ['insert second', 'insert_second'],
    ['delete second', 'delete_second'],
    ['not synchronized', 'unsynchronised'],
  ] as const)('maps the leap status %s to leap.status %s', async (leapStatus, text) => {
    await using mock = await startMockChronyd(scenario('synchronized', { tracking: { leapStatus } }));
    const { meter, reader } = meterAndReader();
    await using _ = observeChrony(meter, { address: mock.address, names: 'ntp' });
    const [[attributes] = []] = points(await reader.metrics())['ntp.time.correction'] ?? [];
    expect(attributes).toEqual({ 'leap.status': text });
  });

  it('observes NaN for values that are no longer known, and stratum 16', async () => {
    await using mock = await startMockChronyd();
    const { meter, reader } = meterAndReader();
    await using _ = observeChrony(meter, { address: mock.address, names: 'ntp', limitMs: 500 });
    expect(points(await reader.metrics())['ntp.stratum']).toEqual([[{}, 3]]);
    mock.pause();
    const lost = points(await reader.metrics());
    expect(lost['ntp.stratum']).toEqual([[{}, 16]]);
    expect(lost['ntp.skew']).toEqual([[{}, Number.NaN]]);
    expect(lost['ntp.time.correction']).toEqual([[{ 'leap.status': 'normal' }, Number.NaN]]);
    mock.resume();
    expect(points(await reader.metrics())['ntp.stratum']).toEqual([[{}, 3]]);
  });

  it('requests only tracking, once per collection', async () => {
    await using mock = await startMockChronyd();
    const { meter, reader } = meterAndReader();
    await using _ = observeChrony(meter, { address: mock.address, names: 'ntp' });
    await reader.metrics();
    expect(mock.requests.map(({ code }) => code)).toEqual([33]);
  });

  it("rejects other values of `names`, and `reports` in combination with 'ntp'", () => {
    const { meter } = meterAndReader();
    // @ts-expect-error: The only values of `names` are 'chrony' and 'ntp'.
    expect(() => observeChrony(meter, { names: 'otel' })).toThrow(
      /^names must be 'chrony' or 'ntp', not otel$/,
    );
    expect(() => observeChrony(meter, { names: 'ntp', reports: ['tracking'] })).toThrow(
      /^reports cannot be used with names: 'ntp'/,
    );
  });
});
