/** A real Prometheus that discovers the targets at /sd, and scrapes their metrics from /probe. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHAIN, type Chain, startChain, targetOf } from '../../../support/chain.ts';
import { Prometheus } from '../../../support/prometheus.ts';
import { CommandLine } from '../../cli/support.ts';
import { startFleet, TargetsFile } from './support.ts';

let chain: Chain;

beforeAll(async () => {
  chain = await startChain();
});
afterAll(async () => {
  await chain?.[Symbol.asyncDispose]();
});

it('stores the history of each target, with its labels', async () => {
  const middle = targetOf(CHAIN.middle, chain.middle);
  const leaf = targetOf(CHAIN.leaves[0], chain.leaves[0]);
  using file = new TargetsFile(`${middle} site=north`, `${leaf} site=south`);
  await using serving = await startFleet(await CommandLine.build(), '--targets', file.path);
  await serving.ready();
  const { host } = new URL(serving.url);
  await using prometheus = await Prometheus.start({
    targets: {
      url: serving.url,
      config: {
        metrics_path: '/probe',
        static_configs: undefined,
        http_sd_configs: [{ url: new URL('/sd', serving.url).href, refresh_interval: '1s' }],
        relabel_configs: [
          { source_labels: ['__address__'], target_label: '__param_target' },
          { source_labels: ['__address__'], target_label: 'instance' },
          { target_label: '__address__', replacement: host },
        ],
      },
    },
  });
  const stratum = async (): Promise<unknown> => {
    const samples = await prometheus.ask('chrony_tracking_stratum{job="targets"}');
    return samples
      .map(({ labels: { instance, site }, value }) => [instance, site, value])
      .toSorted(([a], [b]) => String(a).localeCompare(String(b)));
  };
  await expect.poll(stratum, { timeout: 60_000 }).toEqual([
    [middle, 'north', 2],
    [leaf, 'south', 3],
  ]);
  // a removed target is no longer scraped
  file.write(`${middle} site=north`);
  await expect.poll(stratum, { timeout: 60_000 }).toEqual([[middle, 'north', 2]]);
});

it('gets the series of the fleet with one scrape', async () => {
  const middle = targetOf(CHAIN.middle, chain.middle);
  const leaf = targetOf(CHAIN.leaves[0], chain.leaves[0]);
  await using serving = await startFleet(await CommandLine.build(), middle, leaf);
  await serving.ready();
  // the job with /probe shows that Prometheus is running
  await using prometheus = await Prometheus.start({
    probe: { url: new URL('/probe', serving.url).href, config: { params: { target: [leaf] } } },
    fleet: {
      url: new URL('/metrics', serving.url).href,
      config: { metric_relabel_configs: UP },
    },
  });
  const valuesOf = async (expression: string): Promise<readonly number[]> =>
    (await prometheus.ask(expression)).map(({ value }) => value);
  await expect.poll(() => valuesOf('sum(chrony_fleet_healthy)')).toEqual([2]);
  expect(await valuesOf('count(chrony_fleet_max_error_seconds > 0)')).toEqual([2]);
  expect(
    await valuesOf(`chrony_fleet_selected_source_info{target="${leaf}",source="${CHAIN.middle}"}`),
  ).toEqual([1]);
});

/** Renames a metric that is always 1 to the name that the helper waits for. */
const UP = [
  {
    source_labels: ['__name__'],
    regex: 'chrony_wasm_build_info',
    target_label: '__name__',
    replacement: 'chrony_up',
  },
];
