/** The text exposition is valid for promtool, and is the same in the OpenMetrics format. */
import { describe, expect, it } from 'vitest';
import { Collector } from '../../../src/metrics/collector.ts';
import { families } from '../../../src/metrics/families.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { expositionOf, formatFor } from '../../../src/metrics/text.ts';
import {
  ntpSource,
  referenceClock,
  type Scenario,
  type ScenarioName,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { scenarios } from '../../../src/testing/scenarios.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { parseExposition } from '../../support/exposition.ts';
import { startPair } from '../../support/pair.ts';
import { checkMetrics } from '../../support/prometheus.ts';

async function snapshot(address: string): Promise<Snapshot> {
  await using collector = new Collector({ address });
  return await collector.take();
}

async function mockSnapshot(state: ScenarioName | Scenario): Promise<Snapshot> {
  await using mock = await startMockChronyd(state);
  return await snapshot(mock.address);
}

/** Expects the text of a snapshot to be valid for promtool and to contain every sample. */
async function check(taken: Snapshot): Promise<void> {
  const { contentType, body } = expositionOf(taken);
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(await checkMetrics(body)).toBe('');
  const samples = families.flatMap((family) =>
    family.samples(taken).map(({ labels, value }) => ({ name: family.name, labels, value })),
  );
  expect(parseExposition(body).series).toEqual(samples);
}

/** The metrics that have samples. */
function namesIn(taken: Snapshot): string[] {
  return families.filter(({ samples }) => samples(taken).length > 0).map(({ name }) => name);
}

describe('promtool accepts the metrics', () => {
  it.each(Object.keys(scenarios) as ScenarioName[])('of a mock in scenario %s', async (name) => {
    await check(await mockSnapshot(name));
  });

  it('of clocks with equal names and special characters, and of unresolved sources', async () => {
    const clocks = ['GPS', 'GPS', '"\\{', 'a b'].map((name) => referenceClock(name));
    const sources = ['ID#0000000001', 'ID#0000000002'].map((address) => ntpSource(address));
    await check(await mockSnapshot(scenario('synchronized', { sources: [...clocks, ...sources] })));
  });

  it('of a real synchronized chronyd', async () => {
    await using pair = await startPair();
    const all = await snapshot(pair.client.socketPath);
    const allowed = await snapshot(pair.client.address);
    for (const taken of [all, allowed]) await check(taken);
    expect(namesIn(all)).toEqual(expect.arrayContaining(namesIn(allowed)));
    expect(namesIn(all).length).toBeGreaterThan(namesIn(allowed).length);
  });

  it('of a real chronyd with two clocks of the same name and with unresolved names', async () => {
    await using chronyd = await Chronyd.start({
      config: [
        'refclock SOCK {dir}/one.sock refid GPS',
        'refclock SOCK {dir}/two.sock refid GPS',
        'server does-not-exist.invalid',
        'pool nor-does-this.invalid maxsources 2',
      ],
    });
    const taken = await snapshot(chronyd.socketPath);
    await check(taken);
    const names = taken.reports.sources?.value?.map(({ address }) => address) ?? [];
    expect(names.filter((name) => name === 'GPS')).toHaveLength(2);
    expect(names.filter((name) => name.startsWith('ID#')).length).toBeGreaterThan(1);
  });
});

it('has the same series in the OpenMetrics format if the client requests it', async () => {
  const taken = await mockSnapshot('nts');
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
  const open = expositionOf(taken, formatFor(accept));
  expect(open.contentType).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
  expect(open.body).toMatch(/\n# EOF\n$/);
  expect(parseExposition(open.body).series).toEqual(parseExposition(expositionOf(taken).body).series);
});
