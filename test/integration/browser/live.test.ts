/** The page of a real server with a real chronyd in a real browser: it shows the current state after every failure. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Pair, startPair } from '../../support/pair.ts';
import { freePort } from '../../support/ports.ts';
import type { Serving } from '../server/serving.ts';
import { Stage } from './support/stage.ts';
import type { Visit } from './support/visit.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage?.[Symbol.asyncDispose]());

let pair: Pair;
let serving: Serving;
let visit: Visit;
beforeEach(async () => {
  pair = await startPair();
  // a fixed port, so that the server can be restarted at the same address
  serving = await stage.serve(pair.client.address, await freePort());
  visit = await stage.visit(serving.url);
});
afterEach(async () => {
  await visit?.[Symbol.asyncDispose]();
  await serving?.[Symbol.asyncDispose]();
  await pair?.[Symbol.asyncDispose]();
});

const CURRENT = '127.0.0.1';

it('shows that the clock is correct, with its error bound, and updates continuously', async () => {
  await visit.until(visit.headline, /^This clock is accurate to within [\d.]+ (ns|µs|ms)\.$/);
  await visit.until(visit.word, 'Healthy');
  expect(await visit.page.title()).toMatch(/^✓ Healthy, ± [\d.]+ (ns|µs|ms) – \S+$/);
  await visit.until(visit.source(CURRENT), 'current best');
  await visit.until(visit.source('127.0.0.2'), 'It has not answered yet');
  const announcement = visit.page.getByRole('status');
  expect(await announcement.innerText()).toMatch(/^Healthy\. This clock is accurate/);
  await visit.page.evaluate('document.querySelector("#announcement").textContent = "old"');
  const first = await visit.link.innerText();
  expect(first).toMatch(/^Live, as of \d\d:\d\d:\d\d$/);
  await expect.poll(() => visit.link.innerText()).not.toBe(first);
  // an update without a change of state is not announced
  expect(await announcement.innerText()).toBe('old');
  visit.expectNoProblems();
});

it('explains why reports are missing and how to get them', async () => {
  const report = visit.page.locator('#reports details', {
    has: visit.page.locator('summary', { hasText: 'ntpdata' }),
  });
  await visit.until(report, 'not available');
  await report.locator('summary').click();
  await visit.until(report, /Unix socket/);
  visit.expectNoProblems();
});

it('keeps open details open and the focus in place during updates', async () => {
  const source = visit.source(CURRENT);
  const summary = source.locator('summary');
  await summary.click();
  const samples = source.locator('dl div', { hasText: 'Samples' }).locator('dd');
  const before = await samples.innerText();
  await expect.poll(() => samples.innerText()).not.toBe(before);
  expect(await source.locator('details').getAttribute('open')).toBe('');
  expect(await visit.page.evaluate('document.activeElement.localName')).toBe('summary');
});

it('shows that a source has stopped answering', async () => {
  await visit.until(visit.source(CURRENT), 'answered 8 of the last 8 polls');
  await pair.server.kill('SIGKILL');
  await visit.until(visit.source(CURRENT), 'answered 0 of the last 8 polls');
  await visit.until(visit.source(CURRENT), /not answered|stopped answering/);
  visit.expectNoProblems();
});

it('shows and announces the failure of chronyd and its recovery', async () => {
  await visit.until(visit.word, 'Healthy');
  const announcement = visit.page.getByRole('status');
  await visit.until(announcement, 'Healthy. This clock is accurate');
  await pair.client.kill('SIGKILL');
  await visit.until(visit.word, 'Critical');
  await visit.until(visit.headline, /^chronyd (cannot be reached|does not reply)\.$/);
  await visit.until(announcement, /^Critical\. chronyd/);
  expect(await visit.page.title()).toMatch(/^✕ Critical/);
  await pair.client.run();
  await visit.until(visit.word, 'Healthy');
  await visit.until(announcement, 'Healthy. This clock is accurate');
  visit.expectNoProblems();
});

it('says that updates are missing while the server is down, and resumes by itself after its restart', async () => {
  await visit.until(visit.word, 'Healthy');
  await serving[Symbol.asyncDispose]();
  await visit.until(visit.link, 'Reconnecting, last update');
  await visit.until(visit.word, 'No updates');
  await visit.until(visit.page.locator('#status'), /healthy, ±/);
  serving = await stage.serve(pair.client.address, serving.port);
  await visit.until(visit.word, 'Healthy');
  await visit.until(visit.link, 'Live');
  visit.expectNoProblems();
});

it('detects a server that hangs', async () => {
  await visit.until(visit.word, 'Healthy');
  serving.kill('SIGSTOP');
  await visit.until(visit.word, 'No updates');
  await visit.until(visit.page.locator('#status'), 'The server no longer sends updates');
  // outdated facts are not shown as current
  expect(await visit.page.locator('.facts').count()).toBe(0);
  // the page gives up the connection and reconnects
  await visit.until(visit.link, 'Reconnecting');
  serving.kill('SIGCONT');
  await visit.until(visit.word, 'Healthy');
  await visit.until(visit.link, 'Live');
  visit.expectNoProblems();
});
