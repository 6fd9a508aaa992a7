/** Text from the network is shown as text; it is never interpreted as markup or script. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { referenceClock, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { update } from '../../support/update.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage?.[Symbol.asyncDispose]());

it('shows a reference clock name that is markup as text', async () => {
  const hostile = scenario('gps', { sources: [referenceClock('<hr>'), referenceClock('"\'><')] });
  await using mock = await startMockChronyd(hostile);
  await using serving = await stage.serve(mock.address);
  await using visit = await stage.visit(serving.url);
  await visit.openDetails();
  await visit.until(visit.page.locator('.address'), '<hr>');
  await visit.until(visit.page.locator('.address'), '"\'><');
  expect(await visit.page.locator('hr').count()).toBe(0);
  visit.expectNoProblems();
});

it('shows every text from the server as text, even if it is markup', async () => {
  const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  // in every field with arbitrary text
  const hostile = update({ host: markup, chronyd: markup, version: markup });
  const { tracking, sources = [], ...reports } = hostile.reports;
  const all = {
    ...hostile,
    health: { ...hostile.health, state: 'warning', reasons: [markup] },
    reports: {
      ...reports,
      tracking: { ...tracking, referenceIdName: markup, referenceIp: markup },
      sources: sources.map((source) => ({ ...source, address: markup })),
    },
    failures: { ntpdata: { code: markup, message: markup } },
  };
  await using mock = await startMockChronyd();
  await using serving = await stage.serve(mock.address);
  await using visit = await stage.visit(serving.url, {
    events: () => ({ status: 200, body: `event: update\ndata: ${JSON.stringify(all)}\n\n` }),
  });
  await visit.openDetails();
  for (const place of ['#header', '#status', '.address', '#reports', '#footer']) {
    await visit.until(visit.page.locator(place), markup);
  }
  expect(await visit.page.title()).toContain(markup);
  expect(await visit.page.locator('img').count()).toBe(0);
  expect(await visit.page.evaluate('window.hacked')).toBe(undefined);
  visit.expectNoProblems();
});
