/** What a page is told of a snapshot. */
import { expect, it } from 'vitest';
import type { ReportName } from '../../../src/index.ts';
import { Collector } from '../../../src/metrics/collector.ts';
import { healthOf } from '../../../src/server/live.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';

it.each<[reports: readonly ReportName[], state: string, missing: string]>([
  [['tracking', 'sources'], 'ok', ''],
  [['tracking'], 'unknown', 'sources'],
  [['sources'], 'unknown', 'tracking'],
  [['activity'], 'unknown', 'tracking and sources'],
])('says what it does not know if the server asks only for %j', async (reports, state, missing) => {
  await using mock = await startMockChronyd();
  await using collector = new Collector({ address: mock.address, reports });
  const health = healthOf(await collector.take(), {});
  const reason = `the server does not ask for ${missing}; start it with --reports and ${missing} among others`;
  expect([health.state, health.reasons]).toEqual([state, missing === '' ? [] : [reason]]);
});
