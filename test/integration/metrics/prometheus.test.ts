/** Compares each metric that a real Prometheus scraped from `serve` with the output of chronyc for the same chronyd. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { families } from '../../../src/metrics/families.ts';
import { type Scenario, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { NtsIdentity } from '../../support/nts.ts';
import { freePort } from '../../support/ports.ts';
import { Prometheus, type Queried } from '../../support/prometheus.ts';
import { Started } from '../../support/started.ts';
import { CommandLine } from '../cli/support.ts';
import { Serving } from '../server/serving.ts';
import { PRINTED } from './printed.ts';

const started = new Started();
afterAll(() => started[Symbol.asyncDispose]());

/** The configured name of a source that cannot be resolved. */
const UNRESOLVED = 'does-not-exist.invalid';

let prometheus: Prometheus;
let frozen: FrozenChronyd;
let mocked: Scenario;

beforeAll(async () => {
  const identity = started.keep(new NtsIdentity());
  const ntsPort = await freePort();
  const server = started.keep(
    await Chronyd.start({ serve: true, config: ['local stratum 1', ...identity.server(ntsPort)] }),
  );
  const client = started.keep(
    await Chronyd.start({
      serve: true,
      config: [
        `server 127.0.0.1 port ${server.ntpPort} nts ntsport ${ntsPort} iburst minpoll -2 maxpoll -1`,
        'server 127.0.0.2 port 9',
        `server ${UNRESOLVED}`,
        'refclock SOCK {dir}/one.sock refid GPS noselect poll -2 filter 1',
        'refclock SOCK {dir}/two.sock refid GPS',
        'smoothtime 400 0.01',
        ...identity.client(),
      ],
    }),
  );
  started.keep(await FedClock.start(`${client.dir}/one.sock`, 0.0001));
  await client.untilSynchronized();
  await client.until(async () => !(await client.chronyc(['sourcestats', '-a'])).startsWith('GPS,0'));
  frozen = started.keep(await FrozenChronyd.of(client));
  // a test machine has no real-time clock, and its chronyd may have fewer counters
  mocked = scenario('rtc', { rtc: { refTime: 1_800_000_000 } });
  const mock = started.keep(await startMockChronyd(mocked));
  const commandLine = await CommandLine.build();
  const serve = async (address: string): Promise<string> => {
    const serving = started.keep(await Serving.start(commandLine, '--host', address));
    return new URL('/metrics', serving.url).href;
  };
  prometheus = started.keep(
    await Prometheus.start({ real: await serve(frozen.address), mock: await serve(mock.address) }),
  );
});

/** The rows that chronyc prints, split into columns. */
async function printed(command: string): Promise<readonly (readonly string[])[]> {
  const text = await installedChronyc().printAt(frozen.port, '-c', ...command.split(' '));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

/** Numbers duplicate sources: `GPS`, then `GPS#2`. An unresolved source gets its configured name. */
function numbered(sources: readonly string[]): string[] {
  const names = sources.map((source) => (source === 'ID#0000000001' ? UNRESOLVED : source));
  return names.map((name, i) => {
    const n = names.slice(0, i).filter((other) => other === name).length + 1;
    return n === 1 ? name : `${name}#${n}`;
  });
}

/** Whether chronyc may print a value as this text, with its number of decimals. A tie may be rounded either way. */
function isPrintedAs(value: number, text: string): boolean {
  const decimals = text.split('.')[1]?.length ?? 0;
  return Math.abs(value - Number(text)) <= 0.5000001 * 10 ** -decimals + Math.abs(value) * 2 ** -52;
}

function bySource(samples: readonly Queried[]): ReadonlyMap<string, number> {
  return new Map(samples.map(({ labels, value }) => [labels['source_name'] ?? '', value]));
}

/** The sources that lack certain metrics. The unresolved source has no metrics at all. */
const ABSENT: Readonly<Record<string, readonly string[]>> = {
  authdata_nts_last_key_exchange_age_seconds: ['127.0.0.2'],
  authdata_nts_nak: ['127.0.0.2'],
  authdata_nts_cookies: ['127.0.0.2'],
};

describe('the metrics of a real chronyd', () => {
  it.each(PRINTED)('$name equals the value of chronyc', async ({ name, command, column, read, source }) => {
    const rows = await printed(command);
    const samples = await prometheus.query('real', name);
    const absent = [UNRESOLVED, ...(ABSENT[name.replace('chrony_', '')] ?? [])];
    const names = numbered(rows.map((row) => (source === undefined ? '' : (row[source] ?? ''))));
    const values = bySource(samples);
    expect([...values.keys()].toSorted()).toEqual(names.filter((each) => !absent.includes(each)).toSorted());
    expect(samples).toHaveLength(values.size);
    for (const [i, row] of rows.entries()) {
      const value = values.get(names[i] ?? '');
      const text = row[column];
      if (value === undefined || text === undefined) continue;
      if (read) expect(value).toBe(read(text));
      else expect(isPrintedAs(value, text), `${value} is not ${text}`).toBe(true);
    }
  });

  it('chrony_tracking_info contains the address, the name and the ID of the reference', async () => {
    const [row] = await printed('tracking');
    const [sample, ...others] = await prometheus.query('real', 'chrony_tracking_info');
    expect(sample?.value).toBe(1);
    expect(others).toEqual([]);
    expect(row?.[0]).toBe(sample?.labels['tracking_refid']);
    expect([row?.[1], row?.[1]]).toEqual([
      sample?.labels['tracking_address'],
      sample?.labels['tracking_name'],
    ]);
  });

  it.each([
    ['chrony_sources_state_info', 'sources -a', 1, { '*': 'sync', '?': 'unreach' }],
    [
      'chrony_selectdata_state_info',
      'selectdata -a',
      0,
      { '*': 'best', N: 'ignored', M: 'missing samples', s: 'not synchronized' },
    ],
  ] as const)('%s contains the state of each source', async (name, command, stateColumn, states) => {
    const rows = await printed(command);
    const samples = await prometheus.query('real', name);
    const nameColumn = stateColumn === 1 ? 2 : 1;
    const names = numbered(rows.map((row) => row[nameColumn] ?? ''));
    const expected = rows
      .map((row, i) => [names[i], Reflect.get(states, row[stateColumn] ?? ''), 1])
      .filter(([source]) => source !== UNRESOLVED);
    const actual = samples.map(({ labels, value }) => [labels['source_name'], labels['source_state'], value]);
    expect(actual.toSorted()).toEqual(expected.toSorted());
  });

  it('chrony_sources_state_info contains the mode of each source, and the ID of a clock as its address', async () => {
    const samples = await prometheus.query('real', 'chrony_sources_state_info');
    const kinds = samples.map(({ labels: { source_name, source_address, source_mode } }) =>
      [source_name, source_address, source_mode].join(' '),
    );
    expect(kinds.toSorted()).toEqual([
      '127.0.0.1 127.0.0.1 client',
      '127.0.0.2 127.0.0.2 client',
      'GPS GPS reference clock',
      'GPS#2 GPS reference clock',
    ]);
  });

  it('chrony_clock_error_bound_seconds agrees with the values of chronyc for a synchronized clock', async () => {
    const [row = []] = await printed('tracking');
    const bound = Math.abs(Number(row[4])) + Number(row[11]) + Number(row[10]) / 2;
    const [sample] = await prometheus.query('real', 'chrony_clock_error_bound_seconds');
    // the drift since the last measurement; chronyd's own values allow for 1 ppm
    const drift = (sample?.value ?? Number.NaN) - bound;
    expect(drift).toBeGreaterThan(-2e-9);
    expect(drift).toBeLessThan(50e-6 * (Date.now() / 1000 + Number(row[4]) - Number(row[3])) + 2e-9);
    for (const name of ['chrony_clock_synchronized', 'chrony_tracking_remote_reference', 'chrony_up']) {
      expect((await prometheus.query('real', name)).map(({ value }) => value)).toEqual([1]);
    }
  });

  it('include the success and the duration of each collector', async () => {
    const collectors = [
      'activity',
      'authdata',
      'ntpdata',
      'rtcdata',
      'selectdata',
      'serverstats',
      'smoothing',
    ];
    const all = [...collectors, 'sources', 'sourcestats', 'tracking'];
    for (const [name, condition] of [
      ['chrony_scrape_collector_success', '== 1'],
      ['chrony_scrape_collector_duration_seconds', '> 0'],
    ] as const) {
      const samples = await prometheus.query('real', name, condition);
      expect(samples.map(({ labels }) => labels['collector']).toSorted()).toEqual(all);
    }
    expect(await prometheus.query('real', 'chrony_scrape_duration_seconds', '> 0')).toHaveLength(1);
  });
});

/** The metrics that only the mock provides, each with its value in the scenario. */
const MOCKED: Readonly<Record<string, (of: Scenario) => number | null | undefined>> = {
  chrony_serverstats_ntp_daemon_rx_timestamps_total: ({ serverStats }) => serverStats.daemonRx,
  chrony_serverstats_ntp_daemon_tx_timestamps_total: ({ serverStats }) => serverStats.daemonTx,
  chrony_serverstats_ntp_kernel_rx_timestamps_total: ({ serverStats }) => serverStats.kernelRx,
  chrony_serverstats_ntp_kernel_tx_timestamps_total: ({ serverStats }) => serverStats.kernelTx,
  chrony_serverstats_ntp_hw_rx_timestamps_total: ({ serverStats }) => serverStats.hardwareRx,
  chrony_serverstats_ntp_hw_tx_timestamps_total: ({ serverStats }) => serverStats.hardwareTx,
  chrony_rtcdata_reference_timestamp_seconds: ({ rtc }) => rtc?.refTime,
  chrony_rtcdata_samples: ({ rtc }) => rtc?.samples,
  chrony_rtcdata_runs: ({ rtc }) => rtc?.runs,
  chrony_rtcdata_span_seconds: ({ rtc }) => rtc?.span,
  chrony_rtcdata_offset_seconds: ({ rtc }) => rtc?.offset,
  chrony_rtcdata_frequency_ppms: ({ rtc }) => rtc?.freqOffset,
};

it.each(Object.entries(MOCKED))('%s equals the value of a newer chronyd', async (name, value) => {
  const [sample, ...others] = await prometheus.query('mock', name);
  expect(others).toEqual([]);
  // chronyd's floats have 24 bits
  expect(sample?.value).toBeCloseTo(value(mocked) ?? Number.NaN, 6);
});

it('every metric is tested here', () => {
  const tested = [
    ...PRINTED.map(({ name }) => name),
    ...Object.keys(MOCKED),
    'chrony_clock_error_bound_seconds',
    'chrony_clock_synchronized',
    'chrony_scrape_collector_duration_seconds',
    'chrony_scrape_collector_success',
    'chrony_scrape_duration_seconds',
    'chrony_selectdata_state_info',
    'chrony_sources_sampled',
    'chrony_sources_state_info',
    'chrony_tracking_info',
    'chrony_tracking_remote_reference',
    'chrony_up',
  ];
  // the metrics of clients are off here; test/integration/server/clients.test.ts tests them
  const all = families.filter(({ report }) => report !== 'clients').map(({ name }) => name);
  expect(tested.toSorted()).toEqual(all.toSorted());
});
