/** The table of a fleet of 300 clocks: search, filters, order and groups, by pointer and keyboard, during updates. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { FleetReply } from '../../../src/server/fleet/messages.ts';
import { freePort } from '../../support/ports.ts';
import { ManyClocks, startFleet, TargetsFile } from '../server/fleet/support.ts';
import type { Serving } from '../server/serving.ts';
import { expectAccessible, PHONE } from './support/accessible.ts';
import { FleetVisit } from './support/fleet-visit.ts';
import { Stage } from './support/stage.ts';

const SITES = ['ams', 'fra', 'lon'];

let stage: Stage;
let many: ManyClocks;
let file: TargetsFile;
let serving: Serving;
let lines: readonly string[];
let clocks: FleetReply['clocks'];

beforeAll(async () => {
  [stage, many] = await Promise.all([Stage.set(), ManyClocks.start('varied')]);
  lines = many.targets(300).map((target, i) => `${target} site=${SITES[i % 3]} rack=r${i % 20}`);
  file = new TargetsFile(...lines);
  serving = await startFleet(stage, '--targets', file.path);
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  file?.[Symbol.dispose]();
  await many?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

let visit: FleetVisit;
beforeEach(async () => {
  visit = await FleetVisit.start(stage, serving);
  clocks = await visit.clocks();
});
afterEach(async () => {
  file.write(...lines);
  visit.expectNoProblems();
  await visit[Symbol.asyncDispose]();
});

/** The addresses of the clocks that meet the condition, sorted as text. */
function addresses(matches: (clock: FleetReply['clocks'][number]) => boolean): string[] {
  return clocks
    .filter(matches)
    .map(({ address }) => address)
    .toSorted();
}

it('counts the clocks in each state and filters by state', async () => {
  const critical = addresses(({ state }) => state === 'critical');
  expect(critical.length).toBeGreaterThan(1);
  await visit.until(
    visit.headline,
    `${300 - critical.length} of 300 clocks are healthy; ${critical.length} critical.`,
  );
  await expect.poll(() => visit.countIn('Critical')).toBe(critical.length);
  await visit.button(/Critical$/).click();
  await visit.until(visit.count, `${critical.length} of 300 clocks`);
  expect((await visit.targets()).toSorted()).toEqual(critical);
  await expect
    .poll(() => visit.texts('reason'))
    .toEqual(critical.map(() => expect.stringMatching(/synchroni/)));
  expect(visit.fragment()).toBe('#state=critical');
  await visit.button('Critical : remove this filter').click();
  await visit.until(visit.count, /^300 clocks$/);
  expect(visit.fragment()).toBe('');
});

it('finds addresses, labels, sources and reasons', async () => {
  const search = visit.page.getByRole('searchbox');
  const [first] = clocks;
  for (const [text, expected] of [
    [first?.address ?? '', addresses(({ address }) => address === first?.address)],
    ['RACK=r7 fra', addresses(({ labels }) => labels['rack'] === 'r7' && labels['site'] === 'fra')],
    [
      '192.0.2.1 r3 lon',
      addresses(
        ({ reference, labels }) =>
          reference === '192.0.2.1' && labels['rack'] === 'r3' && labels['site'] === 'lon',
      ),
    ],
    ['not synchronized', addresses(({ reasons }) => reasons.join().includes('not synchronized'))],
    ['nothing of the kind', []],
  ] as const) {
    await search.fill(text);
    await visit.until(visit.count, `${expected.length} of 300 clocks`);
    expect((await visit.targets()).toSorted(), text).toEqual(expected);
    await expect.poll(() => visit.rowCount()).toBe(expected.length);
  }
  await visit.until(visit.page.locator('#shown-announcement'), '0 clocks shown');
  await visit.button('Show all').click();
  await expect.poll(() => search.inputValue()).toBe('');
});

it('filters by labels and by the bars of the distributions', async () => {
  await visit.select('Label').selectOption('site=fra');
  await visit.select('Label').selectOption('rack=r1');
  const expected = addresses(({ labels }) => labels['site'] === 'fra' && labels['rack'] === 'r1');
  await visit.until(visit.count, `${expected.length} of 300 clocks`);
  await visit.button('Show all').click();

  const bar = visit.page.locator('[data-kind=offset]').getByRole('button', { name: /^100 µs to 1 ms slow/ });
  const slow = addresses(({ offset }) => offset !== null && offset >= 1e-4 && offset < 1e-3);
  await expect.poll(() => bar.textContent()).toContain(`100 µs to 1 ms slow: ${slow.length} clocks`);
  await bar.click();
  await visit.until(visit.count, `${slow.length} of 300 clocks`);
  // all bars together are one Tab stop; the arrow keys move between them
  await visit.page.keyboard.press('ArrowLeft');
  await visit.page.keyboard.press('Space');
  const others = addresses(({ offset }) => offset !== null && offset >= 1e-5 && offset < 1e-4);
  await visit.until(visit.count, `${others.length} of 300 clocks`);
  await visit.page.keyboard.press('Home');
  await expect.poll(() => visit.page.evaluate('document.activeElement.tabIndex')).toBe(0);
  await visit.page.keyboard.press('Tab');
  await expect.poll(() => visit.page.evaluate('document.activeElement.type')).toBe('search');
});

it('sorts by column headers, in both directions', async () => {
  const title = visit.page.getByRole('columnheader', { name: 'Error bound' });
  await expect
    .poll(() => visit.page.getByRole('columnheader', { name: 'State' }).getAttribute('aria-sort'))
    .toBe('descending');
  await title.getByRole('button').click();
  await expect.poll(() => title.getAttribute('aria-sort')).toBe('descending');
  const largest = (): number => clocks.reduce((most, { maxError }) => Math.max(most, maxError ?? 0), 0);
  const [first = ''] = await visit.targets();
  const firstBound = clocks.find(({ address }) => address === first)?.maxError ?? 0;
  expect(firstBound).toBeGreaterThan(0.5 * largest());
  await title.getByRole('button').press('Enter');
  await expect.poll(() => title.getAttribute('aria-sort')).toBe('ascending');
  expect(visit.fragment()).toBe('#sort=-bound');
  await visit.page.getByRole('columnheader', { name: 'Target' }).getByRole('button').click();
  const natural = clocks.map(({ address }) => address);
  await expect.poll(async () => (await visit.targets()).slice(0, 12)).toEqual(natural.slice(0, 12));
});

it('groups by a label; groups can be opened and closed by pointer and keyboard', async () => {
  await visit.select('Group by').selectOption('site');
  await expect.poll(() => visit.grid.getAttribute('role')).toBe('treegrid');
  await expect.poll(() => visit.rowCount()).toBe(303);
  const group = visit.groups.first();
  await visit.until(group, /Critical\s+site=\w+\s+100 clocks:\s+\d+ critical, \d+ healthy/);
  await group.click();
  await expect.poll(() => visit.rowCount()).toBe(203);
  await expect.poll(() => group.getAttribute('aria-expanded')).toBe('false');
  const name = /site=(\w+)/.exec(await group.innerText())?.[1];
  expect(visit.fragment()).toBe(`#group=site&closed=${name}`);
  await visit.page.keyboard.press('ArrowRight');
  await expect.poll(() => visit.rowCount()).toBe(303);
  await visit.page.keyboard.press('ArrowLeft');
  await expect.poll(() => visit.rowCount()).toBe(203);
  await visit.select('Group by').selectOption('What it follows');
  await visit.until(visit.groups.first(), 'Follows');
});

it('keeps the view in the URL, which can be shared and survives a reload', async () => {
  await visit.page.getByRole('searchbox').fill('r1');
  await visit.select('Label').selectOption('site=lon');
  await visit.select('Group by').selectOption('rack');
  const [count, targets] = [await visit.count.innerText(), await visit.targets()];
  const address = visit.page.url();
  await visit.page.reload();
  await visit.until(visit.count, count);
  await expect.poll(() => visit.targets()).toEqual(targets);
  await using other = await FleetVisit.start(stage, serving, { view: new URL(address).hash });
  await other.until(other.count, count);
  await expect.poll(() => other.targets()).toEqual(targets);
  await expect.poll(() => other.page.getByRole('searchbox').inputValue()).toBe('r1');
  other.expectNoProblems();
});

it('can be navigated by keyboard, and the focus stays on its clock when the order changes', async () => {
  const { page, grid } = visit;
  await page.getByRole('columnheader', { name: 'Target' }).getByRole('button').click();
  await grid.focus();
  const active = () => visit.active.locator('.target').innerText();
  const at = (i: number) => clocks[i]?.address ?? '';
  await expect.poll(active).toBe(at(0));
  for (const [key, index] of [
    ['ArrowDown', 1],
    ['ArrowDown', 2],
    ['ArrowUp', 1],
    ['End', 299],
    ['ArrowDown', 299],
    ['Home', 0],
    ['ArrowUp', 0],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(() => active(), { message: key }).toBe(at(index));
    // the active row is visible and announced to screen readers
    await expect.poll(() => visit.active.getAttribute('aria-rowindex')).toBe(String(index + 2));
    await expect
      .poll(() => grid.getAttribute('aria-activedescendant'))
      .toBe(await visit.active.getAttribute('id'));
    const [outer, inner] = [await grid.boundingBox(), await visit.active.boundingBox()];
    expect(inner?.y).toBeGreaterThanOrEqual((outer?.y ?? 0) - 1);
    expect((inner?.y ?? 0) + (inner?.height ?? 0)).toBeLessThanOrEqual(
      (outer?.y ?? 0) + (outer?.height ?? 0) + 1,
    );
  }
  await page.keyboard.press('PageDown');
  const page1 = Number(await visit.active.getAttribute('aria-rowindex'));
  expect(page1).toBeGreaterThan(5);
  await page.keyboard.press('PageDown');
  expect(Number(await visit.active.getAttribute('aria-rowindex'))).toBe(2 * page1 - 2);
  await page.keyboard.press('PageUp');
  const before = await active();
  // a new clock sorts before all others, and the user sorts again
  const dead = `127.0.0.1:${await freePort()}`;
  file.write(...lines, dead);
  await visit.button('1 row is out of order: sort again').click();
  await expect.poll(() => visit.rowCount()).toBe(301);
  await expect.poll(() => active()).toBe(before);
  await expect.poll(() => visit.active.getAttribute('aria-rowindex')).toBe(String(page1 + 1));
  await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('grid');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/clock/${encodeURIComponent(before)}/`);
});

it('keeps the order of rows while the pointer is over them and sorts when it leaves', async () => {
  const { page, grid } = visit;
  const [first = ''] = await visit.targets();
  await grid.hover();
  const dead = `127.0.0.1:${await freePort()}`;
  file.write(...lines, dead);
  // other rows may also be out of order, since their bounds change
  const again = visit.button(/^\d+ rows? (is|are) out of order: sort again$/);
  await again.waitFor();
  expect((await visit.targets())[0]).toBe(first);
  await page.mouse.move(0, 0);
  // a clock that does not answer has no bound and sorts as the worst
  await visit.row(dead).waitFor();
  await again.waitFor({ state: 'hidden' });
  // a removed target keeps its row, with a note, while the pointer is over it
  await visit.row(dead).hover();
  file.write(...lines);
  await visit.until(visit.row(dead).locator('.reason'), 'It is no longer a target');
  await page.mouse.move(0, 0);
  await visit.row(dead).waitFor({ state: 'detached' });
});

it('is accessible in light and dark mode, on a desktop and on a phone, with groups', async () => {
  await visit.select('Group by').selectOption('site');
  await visit.button(/Critical$/).click();
  await expectAccessible(visit.page);
});

it('becomes a list of cards on a phone, with its own controls for the order', async () => {
  await visit.page.setViewportSize(PHONE);
  await visit.select('Sort by').selectOption('Target');
  await expect.poll(async () => (await visit.targets())[0]).toBe(clocks[0]?.address);
  await visit.button('Reverse').click();
  await expect.poll(async () => (await visit.targets())[0]).toBe(clocks.at(-1)?.address);
  const card = visit.rows.first();
  await visit.until(
    card,
    /Error bound ± .*Offset .* (slow|fast).*Stratum 3.*Follows 192\.0\.2\.1.*Last heard/s,
  );
  for (const column of ['state', 'target', 'bound', 'offset', 'follows', 'heard']) {
    expect(
      await card
        .locator(`.${column}`)
        .evaluate(
          (cell) =>
            (cell as unknown as { scrollWidth: number; clientWidth: number }).scrollWidth <=
            (cell as unknown as { clientWidth: number }).clientWidth,
        ),
      column,
    ).toBe(true);
  }
});
