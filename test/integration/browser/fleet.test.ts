/** The page of a small fleet of real chronyds: its content and its updates. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHAIN, type Chain, startChain, targetOf } from '../../support/chain.ts';
import { freePort } from '../../support/ports.ts';
import { startFleet, TargetsFile } from '../server/fleet/support.ts';
import type { Serving } from '../server/serving.ts';
import { expectAccessible, violations } from './support/accessible.ts';
import { FleetVisit } from './support/fleet-visit.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
let chain: Chain;
let file: TargetsFile;
let serving: Serving;
let targets: readonly string[];
let middle: string;
let leaves: readonly [string, string];

beforeAll(async () => {
  [stage, chain] = await Promise.all([Stage.set(), startChain()]);
  middle = targetOf(CHAIN.middle, chain.middle);
  leaves = [targetOf(CHAIN.leaves[0], chain.leaves[0]), targetOf(CHAIN.leaves[1], chain.leaves[1])];
  targets = [
    `${targetOf(CHAIN.top, chain.top)} site=ams`,
    `${middle} site=ams`,
    ...leaves.map((leaf) => `${leaf} site=fra role=leaf`),
  ];
  file = new TargetsFile(...targets);
  serving = await startFleet(
    stage,
    '--targets',
    file.path,
    '--sources-interval',
    '1',
    '--listen',
    String(await freePort()),
  );
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  file?.[Symbol.dispose]();
  await chain?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

it('shows how many clocks are healthy and lists the worst first', async () => {
  await using visit = await FleetVisit.start(stage, serving);
  // the top chronyd has no source, only its own clock
  await visit.until(visit.headline, '3 of 4 clocks are healthy; 1 critical.');
  await expect.poll(() => visit.page.title()).toMatch(/^✕ 1 critical of 4 – \S+$/);
  await expect.poll(() => visit.page.locator('.link').innerText()).toMatch(/^Live, as of \d\d:\d\d:\d\d$/);
  await expect.poll(async () => (await visit.targets())[0]).toBe(targetOf(CHAIN.top, chain.top));
  const leaf = visit.row(leaves[0]);
  await expect.poll(() => leaf.locator('.state').innerText()).toBe('Healthy');
  await expect.poll(() => leaf.locator('.labels').innerText()).toMatch(/site=fra/);
  await expect.poll(() => leaf.locator('.bound').innerText()).toMatch(/± [\d.]+ (ns|µs|ms)$/);
  await expect
    .poll(() => leaf.locator('.offset').innerText())
    .toMatch(/none$|[\d.]+ (ns|µs|ms) (slow|fast)$/);
  await expect.poll(() => leaf.locator('.stratum').innerText()).toMatch(/3$/);
  await expect.poll(() => leaf.locator('.follows').innerText()).toContain(CHAIN.middle);
  await expect.poll(() => leaf.locator('.heard').innerText()).toMatch(/(now|\d s ago)$/);
  await expect.poll(() => visit.rows.first().locator('.reason').innerText()).toMatch(/local/);
  visit.expectNoProblems();
});

it('shows the topology as a picture and as a list, and the source that is probably wrong', async () => {
  await using visit = await FleetVisit.start(stage, serving);
  const node = visit.page.locator('.picture .node', { hasText: '2 followers' });
  await visit.until(node, CHAIN.middle);
  await expect
    .poll(() => visit.page.locator('.picture .stratum').allTextContents())
    .toEqual(['Stratum 1', 'Stratum 2']);
  await expect.poll(() => node.locator('.others').textContent()).toBe('+2 clocks');
  await visit.until(visit.page.locator('#suspects'), `Probably wrong ${CHAIN.wrong}`);
  await visit.until(
    visit.page.locator('#suspects'),
    '2 of 2 clocks that have it as a source call it a falseticker',
  );
  await visit.page.locator('.as-list summary').click();
  const name = (await node.locator('title').textContent()) ?? '';
  expect(name).toContain('2 followers: +2 clocks');
  await expect.poll(() => visit.page.getByRole('button', { name, exact: true }).count()).toBe(1);
  await expect.poll(() => visit.page.locator('.as-list').innerText()).toContain(name);

  // a node filters the table by its followers
  await node.focus();
  await visit.page.keyboard.press('Enter');
  await visit.until(visit.count, '2 of 4 clocks');
  expect((await visit.targets()).toSorted()).toEqual(leaves.toSorted());
  await expect.poll(() => node.getAttribute('aria-pressed')).toBe('true');
  await visit.button('Go to the table').click();
  await expect.poll(() => visit.page.evaluate('document.activeElement.className')).toBe('grid');
  await node.focus();
  await visit.page.keyboard.press('Space');
  await visit.until(visit.count, /^4 clocks$/);

  // the other nodes are reached with the arrow keys and are not Tab stops
  await expect.poll(() => visit.page.locator('.picture [tabindex="0"]').count()).toBe(1);
  await visit.page.keyboard.press('Home');
  await expect
    .poll(() => visit.page.evaluate('document.activeElement.querySelector("title").textContent'))
    .toContain(CHAIN.top);
  visit.expectNoProblems();
});

it("links to a clock's own page; going back restores the view", async () => {
  await using visit = await FleetVisit.start(stage, serving, { view: '#sort=target&group=site' });
  const link = visit.page.getByRole('link', { name: leaves[0], exact: true });
  await expect.poll(() => link.getAttribute('href')).toBe(`clock/${encodeURIComponent(leaves[0])}/`);
  await link.click();
  await visit.until(visit.page.locator('#status h2'), /^This clock is accurate to within/);
  await visit.page.goBack();
  await visit.untilThere();
  expect(visit.fragment()).toBe('#sort=target&group=site');
  await visit.until(visit.groups.first(), /site=ams/);
  visit.expectNoProblems();
});

it('shows and announces the failure of a clock, and shows its recovery', async () => {
  await using visit = await FleetVisit.start(stage, serving);
  const announcement = visit.page.locator('#announcement');
  await visit.until(announcement, 'Critical. 3 of 4 clocks are healthy');
  await chain.leaves[1].kill('SIGKILL');
  await visit.until(visit.row(leaves[1]).locator('.state'), 'Critical');
  await visit.until(
    visit.row(leaves[1]).locator('.reason'),
    /does not answer|cannot be reached|refused|connection/i,
  );
  await visit.until(visit.headline, '2 of 4 clocks are healthy; 2 critical.');
  await visit.until(announcement, 'Critical. 2 of 4 clocks are healthy');
  await chain.leaves[1].run();
  await visit.until(visit.row(leaves[1]).locator('.state'), 'Healthy');
  visit.expectNoProblems();
});

it('follows added, removed and relabeled targets', async () => {
  await using visit = await FleetVisit.start(stage, serving);
  const dead = `127.0.0.1:${await freePort()}`;
  file.write(...targets.slice(0, 2), `${leaves[0]} site=lon`, dead);
  await visit.until(visit.row(dead).locator('.state'), 'Critical');
  await visit.until(visit.row(leaves[0]).locator('.labels'), 'site=lon');
  await expect.poll(() => visit.targets()).not.toContain(leaves[1]);
  file.write(...targets);
  await visit.row(leaves[1]).waitFor();
  await expect.poll(() => visit.targets()).not.toContain(dead);
  visit.expectNoProblems();
});

it('says that updates are missing while the server is down, and resumes after its restart', async () => {
  await using visit = await FleetVisit.start(stage, serving);
  await serving[Symbol.asyncDispose]();
  await visit.until(visit.page.locator('.link'), 'Reconnecting, last update');
  await visit.until(visit.headline, /^No update of the fleet for \d+ s\.$/);
  await visit.until(visit.page.locator('#status'), 'The server cannot be reached');
  // the last known state is still shown
  await expect.poll(() => visit.rows.count()).toBe(4);
  await expectAccessible(visit.page);
  serving = await startFleet(
    stage,
    '--targets',
    file.path,
    '--sources-interval',
    '1',
    '--listen',
    String(serving.port),
  );
  await visit.until(visit.headline, '3 of 4 clocks are healthy; 1 critical.');
  await visit.until(visit.page.locator('.link'), 'Live');
  await expect.poll(() => visit.rows.count()).toBe(4);
  visit.expectNoProblems();
});

it('is accessible in light and dark mode, on a desktop and on a phone, with all details open', async () => {
  await using visit = await FleetVisit.start(stage, serving);
  await visit.until(visit.page.locator('#suspects'), 'Probably wrong');
  await visit.page.locator('.as-list summary').click();
  await expectAccessible(visit.page);
  visit.expectNoProblems();
});

it('is accessible with forced colors and does not animate with reduced motion', async () => {
  await using visit = await FleetVisit.start(stage, serving, {
    forcedColors: 'active',
    reducedMotion: 'reduce',
  });
  await visit.page.locator('.picture').waitFor();
  expect(await violations(visit.page)).toEqual([]);
  await expect.poll(() => visit.page.evaluate('document.getAnimations().length')).toBe(0);
});
