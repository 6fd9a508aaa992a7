/** The text of a snapshot equals the output of prom-client for the same metrics. */
import { type OpenMetricsContentType, type PrometheusContentType, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { register, registerHistogram } from '../../../src/metrics/prom-client.ts';
import { Collector, EXTENSIONS, families, histograms, REPORTS } from '../../../src/metrics/shared.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { expositionOf, type Format } from '../../../src/metrics/text.ts';
import { referenceClock, type Scenario, scenario, startMockChronyd } from '../../../src/testing/index.ts';

async function byPromClient(snapshot: Snapshot, format: Format): Promise<string> {
  const registry = new Registry<PrometheusContentType | OpenMetricsContentType>();
  if (format === 'openmetrics') registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const family of families) {
    const samples = family.samples(snapshot);
    if (samples.length > 0) register(registry, family, () => samples);
  }
  for (const family of histograms) {
    const observations = family.observations(snapshot);
    if (observations !== null) registerHistogram(registry, family, () => observations);
  }
  return await registry.metrics();
}

async function taken(scenario: Scenario): Promise<Snapshot> {
  await using mock = await startMockChronyd(scenario);
  await using collector = new Collector({ address: mock.address, reports: [...REPORTS, ...EXTENSIONS] });
  return await collector.take();
}

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['a chronyd with all features', scenario('nts')],
  ['an unsynchronized chronyd', scenario('unsynchronized')],
  [
    'labels that need escaping',
    scenario('synchronized', { sources: ['"\\{', 'GPS', 'GPS'].map((id) => referenceClock(id)) }),
  ],
];

it.each(
  SCENARIOS.flatMap(([name, of]) =>
    (['prometheus', 'openmetrics'] as const).map((format) => [name, format, of] as const),
  ),
)('writes %s, as %s', async (_, format, of) => {
  const snapshot = await taken(of);
  expect(expositionOf(snapshot, format).body).toBe(await byPromClient(snapshot, format));
});
