/** The clients section of the page, the source names and the manual list. */
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type MockChronyd,
  makeClientAccess,
  type ScenarioOverrides,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime, flood } from '../../support/clients.ts';
import { violations, violationsOfColor } from './support/accessible.ts';
import { Stage } from './support/stage.ts';
import type { Visit } from './support/visit.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage?.[Symbol.asyncDispose]());

const WITH_CLIENTS = ['--reports', 'all,clients'];

/** A visit to the page of a server with clients. */
async function visited(chronyd: MockChronyd | Chronyd, ...more: readonly string[]) {
  const address = chronyd instanceof Chronyd ? chronyd.socketPath : chronyd.address;
  const serving = await stage.serve(address, 0, ...more);
  const visit = await stage.visit(serving.url);
  return {
    visit,
    [Symbol.asyncDispose]: async () => {
      await visit[Symbol.asyncDispose]();
      await serving[Symbol.asyncDispose]();
    },
  };
}

function mockWith(overrides: ScenarioOverrides): Promise<MockChronyd> {
  return startMockChronyd(scenario('synchronized', overrides));
}

function section({ page }: Visit): Locator {
  return page.locator('#clients');
}

function rows(visit: Visit): Locator {
  return section(visit).locator('tbody tr');
}

/** Opens or closes the clients section with the keyboard. */
async function openClients(visit: Visit): Promise<void> {
  await section(visit).locator('summary').focus();
  await visit.page.keyboard.press('Enter');
}

it('shows the clients of a real chronyd with their request and drop counts', async () => {
  await using chronyd = await Chronyd.start({
    serve: true,
    config: ['local stratum 5', 'ratelimit interval 1 burst 4 leak 2'],
  });
  for (let i = 1; i <= 12; i++) await askForTime(chronyd, `127.0.1.${i}`, 1 + (i % 3));
  await flood(chronyd, '127.0.2.1', 200);
  await using page = await visited(chronyd, ...WITH_CLIENTS);
  const { visit } = page;
  await openClients(visit);
  await expect.poll(() => rows(visit).count()).toBe(13);
  expect(await section(visit).innerText()).toMatch(
    /13 clients as of .*Requests of \d+ clients? were dropped/s,
  );
  const printed = (await chronyd.chronyc(['clients']))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
  expect(printed).toHaveLength(13);
  for (const [address = '', hits, drops] of printed) {
    const row = await section(visit).locator(`tr[data-client="${address}"] td`).allInnerTexts();
    expect([row[1], row[4]], address).toEqual([hits, drops]);
  }
  visit.expectNoProblems();
});

it('shows the most active of thousands of clients and the number of the others', async () => {
  const clients = Array.from({ length: 3000 }, (_, i) =>
    makeClientAccess({
      address: `10.0.${i >> 8}.${i & 255}`,
      ntpInterval: 10,
      lastNtpHitAgo: 1100 + i,
      ntpDrops: i === 1 ? 7 : 0,
    }),
  );
  await using mock = await mockWith({ clients: clients.toReversed() });
  await using page = await visited(mock, ...WITH_CLIENTS);
  const { visit } = page;
  await openClients(visit);
  await expect.poll(() => rows(visit).count()).toBe(100);
  expect(await section(visit).locator('.others').innerText()).toContain('2900 clients');
  expect(await section(visit).innerText()).toContain('Requests of 1 client were dropped');
  expect(await rows(visit).first().locator('th, td').allInnerTexts()).toEqual([
    ...['10.0.0.0', 'every 1024 s', '1350', '0', '0', '0', '1100 s ago'],
  ]);
  expect(await rows(visit).nth(1).locator('strong').innerText()).toBe('7');
  visit.expectNoProblems();
});

it('is accessible in light and dark mode, on a desktop and on a phone; its table scrolls by keyboard', async () => {
  await using mock = await startMockChronyd();
  await using page = await visited(mock, ...WITH_CLIENTS);
  const { visit } = page;
  await openClients(visit);
  await expect.poll(() => rows(visit).count()).toBe(16);
  await visit.openDetails();
  for (const size of [
    { width: 1280, height: 800 },
    { width: 390, height: 844 },
  ]) {
    await visit.page.setViewportSize(size);
    await visit.page.emulateMedia({ colorScheme: 'light' });
    expect(await violations(visit.page), `light, ${size.width} wide`).toEqual([]);
    await visit.page.emulateMedia({ colorScheme: 'dark' });
    expect(await violationsOfColor(visit.page), `dark, ${size.width} wide`).toEqual([]);
  }
  // on a phone the table is wider than the page and can be scrolled with the keyboard
  const scrolled = section(visit).locator('.scrolled');
  await scrolled.focus();
  await visit.page.keyboard.press('ArrowRight');
  await expect
    .poll(() => scrolled.evaluate((element) => (element as { scrollLeft: number }).scrollLeft))
    .toBeGreaterThan(0);
  visit.expectNoProblems();
});

it('requests the clients only while the section is open', async () => {
  await using mock = await startMockChronyd();
  await using page = await visited(mock, ...WITH_CLIENTS);
  const { visit } = page;
  await visit.until(visit.word, 'Healthy');
  const clientRequests = () => mock.requests.filter(({ code }) => code === 68).length;
  const updates = () => mock.requests.filter(({ code }) => code === 33).length;
  const someUpdates = async (count: number): Promise<void> => {
    const before = updates();
    await expect.poll(updates, { timeout: 30_000 }).toBeGreaterThan(before + count);
  };
  await someUpdates(3);
  expect(clientRequests()).toBe(0);
  await openClients(visit);
  // requested every five seconds
  await expect.poll(clientRequests, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
  await openClients(visit);
  expect(await section(visit).locator('details').getAttribute('open')).toBeNull();
  const last = clientRequests();
  await someUpdates(7);
  expect(clientRequests()).toBe(last);
});

it.each([
  [
    'a server without clients',
    [],
    {},
    'The report clients is switched off; start the server with --reports all,clients',
  ],
  ['a chronyd that refuses the request', WITH_CLIENTS, { unauthorized: ['clients'] }, 'opencommands'],
  ['a chronyd without clients so far', WITH_CLIENTS, { clients: [] }, 'No client has sent a request yet.'],
] as const)('explains why no clients are shown: %s', async (_, options, overrides, text) => {
  await using mock = await mockWith(overrides);
  await using page = await visited(mock, ...options);
  const { visit } = page;
  await openClients(visit);
  const note = section(visit).locator('.note');
  await expect.poll(() => note.innerText()).toContain(text);
  expect(await rows(visit).count()).toBe(0);
  expect(await violations(visit.page)).toEqual([]);
  visit.expectNoProblems();
});

it('shows the configured name of a source first, with its address beside it', async () => {
  await using mock = await startMockChronyd('gps');
  await using page = await visited(mock);
  const { visit } = page;
  const server = visit.source('192.0.2.1');
  await expect.poll(() => server.locator('.address').innerText()).toBe('ntp1.example.net');
  expect(await server.locator('.kind').innerText()).toBe('192.0.2.1, server');
  expect(await server.locator('summary').innerText()).toContain('of ntp1.example.net');
  const clock = visit.source('GPS');
  expect(await clock.locator('.address').innerText()).toBe('GPS');
  expect(await clock.locator('.kind').innerText()).toBe('reference clock');
  mock.scenario = 'synchronized';
  await visit.until(visit.page.locator('#status'), 'It follows ntp1.example.net (192.0.2.1, stratum 2)');
  visit.expectNoProblems();
});

it('shows the manual list only if it has entries', async () => {
  await using mock = await startMockChronyd();
  await using page = await visited(mock);
  const { visit } = page;
  const list = visit.page.locator('#reports details', { hasText: 'Times entered manually' });
  await list.waitFor();
  await visit.openDetails();
  expect(await list.locator('dd').allInnerTexts()).toEqual([
    ...[expect.stringMatching(/^\w+ \w+ \d+ /), '−1370 ms', '+210 ms', '+80 ms'],
    ...[expect.any(String), '−40 ms', '−40 ms', '−80 ms'],
  ]);
  await using none = await mockWith({ manualSamples: [] });
  await using other = await visited(none);
  await expect.poll(() => none.requests.filter(({ code }) => code === 41).length).toBeGreaterThan(0);
  await other.visit.until(other.visit.word, 'Healthy');
  expect(await other.visit.page.getByText('Times entered manually').count()).toBe(0);
});
