/** The update that a page receives for a snapshot. */
import { expect, it } from 'vitest';
import type { ReportName } from '../../../src/index.ts';
import { Collector } from '../../../src/metrics/collector.ts';
import { healthOf } from '../../../src/server/live.ts';
import { ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';

it.each<[reports: readonly ReportName[], state: string, missing: string]>([
  [['tracking', 'sources'], 'ok', ''],
  [['tracking'], 'unknown', 'sources'],
  [['sources'], 'unknown', 'tracking'],
  [['activity'], 'unknown', 'tracking and sources'],
])('names the missing reports if the server requests only %j', async (reports, state, missing) => {
  await using mock = await startMockChronyd();
  await using collector = new Collector({ address: mock.address, reports });
  const health = healthOf(await collector.take(), {});
  const reason = `the server does not request ${missing}; add ${missing} to its --reports`;
  expect([health.state, health.reasons]).toEqual([state, missing === '' ? [] : [reason]]);
});

it('also judges by the selection and authentication reports if they are requested', async () => {
  const waiting = ntpSource('192.0.2.1', {
    source: { state: 'selectable' },
    select: { state: 'waiting for update' },
    auth: { mode: 'NTS', keyType: 'AEAD-AES-SIV-CMAC-256', cookies: 1 },
  });
  await using mock = await startMockChronyd(scenario('synchronized', { sources: [waiting] }));
  await using collector = new Collector({ address: mock.address });
  const { state, reasons, figures } = healthOf(await collector.take(), {});
  expect([state, reasons]).toEqual([
    'warning',
    [expect.stringMatching(/^1 NTS cookie left for 192.0.2.1, /)],
  ]);
  expect(figures).toMatchObject({
    selectableSources: 1,
    ntsCookies: 1,
  });
  // 23 s, plus the rounding and the duration of the test
  expect(figures?.measurementAge).toBeGreaterThanOrEqual(23);
});
