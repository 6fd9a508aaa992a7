/**
 * The labels and values of chrony_exporter since 0.13.3, as its users have them in dashboards and alerts. The expected
 * values were recorded from its output.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ntpSource,
  referenceClock,
  type Scenario,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { parseExposition } from '../../support/exposition.ts';
import { CommandLine } from '../cli/support.ts';
import { Serving } from '../server/serving.ts';

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});

/** The series of `serve`, each as `name{label=value,…} value`. */
async function scraped(address: string, ...args: readonly string[]): Promise<string[]> {
  await using serving = await Serving.start(commandLine, '-h', address, ...args);
  const { series } = parseExposition((await serving.ask('/metrics')).text);
  return series.map(({ name, labels, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}=${text}`);
    return `${name}{${pairs.join()}} ${value}`;
  });
}

async function scrapedMock(state: Scenario, ...args: readonly string[]): Promise<string[]> {
  await using mock = await startMockChronyd(state);
  return await scraped(mock.address, ...args);
}

/** The source labels in the metrics with a prefix. */
function sourcesIn(series: readonly string[], prefix: string): string[] {
  const labels = series.flatMap((line) => {
    const [, found] = /\{(source_address=.*?,source_name=[^,}]*)/.exec(line) ?? [];
    return line.startsWith(`chrony_${prefix}`) && found !== undefined ? [found] : [];
  });
  return [...new Set(labels)];
}

describe('sources', () => {
  const never = { lastSampleAgo: null, latestMeas: 0, latestMeasErr: 0, reachability: 0 };
  const noReply = {
    mode: null,
    offset: 0,
    peerDelay: 0,
    peerDispersion: 0,
    responseTime: 0,
    jitterAsymmetry: 0,
  } as const;
  const sources = scenario('synchronized', {
    sources: [
      ntpSource('192.0.2.1', { name: 'ntp1.example.net' }),
      ntpSource('192.0.2.2', { name: '192.0.2.2', source: never, ntp: noReply }),
      ntpSource('ID#0000000003', { name: 'nobody.example' }),
      referenceClock('GPS'),
      referenceClock('GPS'),
    ],
  });
  const clocks = ['source_address=GPS,source_name=GPS', 'source_address=GPS,source_name=GPS#2'];
  const servers = [
    'source_address=192.0.2.1,source_name=ntp1.example.net',
    'source_address=192.0.2.2,source_name=192.0.2.2',
  ];
  let series: readonly string[];

  beforeAll(async () => {
    series = await scrapedMock(sources);
  });

  it.each([
    ['sources_stratum', [...servers, ...clocks]],
    ['sources_state_info', [...servers, ...clocks]],
    ['sources_last_sample_age_seconds', [...servers, ...clocks]],
    ['sources_peer_', servers],
    ['sourcestats_', [...servers, ...clocks]],
  ])(
    'chrony_%s labels a reference clock by its ID and has no series for an unresolved name',
    (prefix, labels) => {
      expect(sourcesIn(series, prefix)).toEqual(labels);
    },
  );

  it.each([
    ['sources_last_sample_age_seconds', 4294967295],
    ['sources_last_sample_offset_seconds', 0],
    ['sources_last_sample_error_margin_seconds', 0],
    ['sources_peer_offset_seconds', 0],
    ['sources_peer_delay_seconds', 0],
    ['sources_peer_dispersion_seconds', 0],
    ['sources_peer_response_time_seconds', 0],
    // only in this package
    ['sources_sampled', 0],
  ])('chrony_%s of a source without samples is %d', (name, value) => {
    expect(series).toContain(`chrony_${name}{${servers[1]}} ${value}`);
  });

  it('use addresses as names with --names address', async () => {
    const named = await scrapedMock(sources, '--names', 'address');
    expect(sourcesIn(named, 'sources_peer_')).toEqual([
      'source_address=192.0.2.1,source_name=192.0.2.1',
      servers[1],
    ]);
  });
});

describe('tracking', () => {
  const info = (series: readonly string[]) => series.find((line) => line.startsWith('chrony_tracking_info'));

  it.each([
    [
      'a server with a known name',
      { referenceIp: '192.0.2.1', referenceId: 0xc0000201 },
      'tracking_address=192.0.2.1,tracking_name=ntp1.example.net,tracking_refid=C0000201',
    ],
    [
      'a reference clock',
      { referenceIp: null, referenceId: 0x47505300, stratum: 1 },
      'tracking_address=GPS,tracking_name=GPS,tracking_refid=47505300',
    ],
  ])('has the labels of %s that the clock follows', async (_, tracking, labels) => {
    const state = scenario('synchronized', {
      tracking,
      sources: [ntpSource('192.0.2.1', { name: 'ntp1.example.net' }), referenceClock('GPS')],
    });
    expect(info(await scrapedMock(state))).toBe(`chrony_tracking_info{${labels}} 1`);
  });

  it('has the reference ID of a real chronyd in local mode as labels', async () => {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    expect(info(await scraped(chronyd.address))).toBe(
      'chrony_tracking_info{tracking_address=7F7F0101,tracking_name=7F7F0101,tracking_refid=7F7F0101} 1',
    );
  });
});

describe('the metrics of a real chronyd', () => {
  let chronyd: Chronyd;

  beforeAll(async () => {
    chronyd = await Chronyd.start({
      // the second name cannot be resolved
      config: ['server 127.0.0.1 port 9', 'server no.such.name.invalid', 'refclock SHM 0 refid GPS'],
    });
  });
  afterAll(async () => {
    await chronyd?.[Symbol.asyncDispose]();
  });

  it('name the sources as in the configuration', async () => {
    expect(sourcesIn(await scraped(chronyd.address), 'sources_stratum')).toEqual([
      'source_address=GPS,source_name=GPS',
      'source_address=127.0.0.1,source_name=127.0.0.1',
    ]);
  });

  it('include the build of the exporter, and its process with --process-metrics', async () => {
    const usual = await scraped(chronyd.address);
    expect(usual.filter((line) => line.startsWith('chrony_wasm_build_info'))).toEqual([
      expect.stringMatching(
        /^chrony_wasm_build_info\{version=\d+\.\d+\.\d+.*,runtime=node \d+\.\d+\.\d+\} 1$/,
      ),
    ]);
    expect(usual.filter((line) => /^(process|nodejs)_/.test(line))).toEqual([]);
    const more = await scraped(chronyd.address, '--process-metrics');
    const names = more.map((line) => line.split('{')[0]);
    expect(names).toEqual(
      expect.arrayContaining([
        'process_cpu_seconds_total',
        'process_resident_memory_bytes',
        'process_open_fds',
      ]),
    );
  });
});
