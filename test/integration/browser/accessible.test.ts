/** The page is accessible: to screen readers, by keyboard, on a phone, in light and dark mode. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type MockChronyd,
  ntpSource,
  type Scenario,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import type { Serving } from '../server/serving.ts';
import { expectAccessible, violations } from './support/accessible.ts';
import { Stage } from './support/stage.ts';

let stage: Stage;
let mock: MockChronyd;
let serving: Serving;
beforeAll(async () => {
  stage = await Stage.set();
  mock = await startMockChronyd(longNamed());
  serving = await stage.serve(mock.address);
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await mock?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
});

const LONG = '2001:db8:1111:2222:3333:4444:5555:6666';

/** A scenario with an IPv6 address of the maximum length. */
function longNamed(): Scenario {
  const { sources } = scenario('synchronized');
  return scenario('synchronized', { sources: [...sources, ntpSource(LONG)] });
}

it('is accessible with all details open', async () => {
  await using visit = await stage.visit(serving.url);
  await visit.until(visit.word, 'Healthy');
  await visit.openDetails();
  await expectAccessible(visit.page);
  visit.expectNoProblems();
});

it('is accessible in every state', async () => {
  await using changing = await startMockChronyd('unsynchronized');
  await using server = await stage.serve(changing.address);
  await using visit = await stage.visit(server.url);
  await visit.until(visit.word, 'Critical');
  await expectAccessible(visit.page);
  changing.scenario = 'leap insert';
  await visit.until(visit.word, 'Warning');
  await expectAccessible(visit.page);
  changing.scenario = 'silence';
  await visit.until(visit.headline, 'chronyd does not reply');
  await expectAccessible(visit.page);
  await server[Symbol.asyncDispose]();
  await visit.until(visit.word, 'No updates');
  await expectAccessible(visit.page);
  visit.expectNoProblems();
});

it('can be used with the keyboard alone', async () => {
  await using visit = await stage.visit(serving.url);
  await visit.until(visit.word, 'Healthy');
  const { page } = visit;
  // the page requests the manual list by itself, after its first update
  const manualList = page.locator('#reports details', { hasText: 'manual list' });
  await manualList.waitFor();
  const focused: string[] = [];
  const focusable = await page.locator('a, summary, [tabindex="0"]').count();
  for (let i = 0; i < focusable; i++) {
    await page.keyboard.press('Tab');
    focused.push(
      await page.evaluate('document.activeElement.textContent.trim() || document.activeElement.ariaLabel'),
    );
    // the focus is visible
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
  }
  expect(focused[0]).toBe('Skip to the sources');
  expect(focused.slice(1, 4).every((text) => text.includes('') && text !== '')).toBe(true);
  expect(focused.filter((text) => text.includes('Details of'))).toHaveLength(4);
  expect(focused.at(-1)).toContain('manual list');
  // the next Tab leaves the page
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.localName')).toBe('body');

  const last = page.locator('#reports details').last();
  await page.keyboard.press('Shift+Tab');
  for (const [key, open] of [
    ['Enter', ''],
    ['Space', null],
    ['Space', ''],
  ] as const) {
    await page.keyboard.press(key);
    expect(await last.getAttribute('open'), key).toBe(open);
  }
});

it('lets the keyboard move through the values of a chart', async () => {
  await using visit = await stage.visit(serving.url);
  await visit.until(visit.word, 'Healthy');
  const plot = visit.page.getByRole('slider', { name: 'Offset over time' });
  const last = () => plot.getAttribute('aria-valuemax').then(Number);
  await expect.poll(last).toBeGreaterThan(2);
  expect(await plot.getAttribute('aria-valuetext')).toMatch(/^Now [+−]/);
  await plot.focus();
  await visit.page.keyboard.press('Home');
  expect(await plot.getAttribute('aria-valuenow')).toBe('0');
  expect(await plot.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d: [+−]\d+ \S+$/);
  await visit.page.keyboard.press('ArrowRight');
  expect(await plot.getAttribute('aria-valuenow')).toBe('1');
  const other = visit.page.getByRole('slider', { name: 'Frequency over time' });
  expect(await other.getAttribute('aria-valuenow')).toBe('1');

  // the selected point stays the same after new points have arrived and the scale has moved
  const reading = await plot.getAttribute('aria-valuetext');
  const before = await last();
  await expect.poll(last).toBeGreaterThan(before + 4);
  expect(await plot.getAttribute('aria-valuenow')).toBe('1');
  expect(await plot.getAttribute('aria-valuetext')).toBe(reading);

  await visit.page.keyboard.press('Escape');
  expect(await plot.getAttribute('aria-valuetext')).toMatch(/^Now /);

  // a pointer replaces the keyboard selection
  await visit.page.keyboard.press('Home');
  expect(await plot.getAttribute('aria-valuenow')).toBe('0');
  await plot.hover();
  await visit.page.mouse.move(0, 0);
  expect(await plot.getAttribute('aria-valuetext')).toMatch(/^Now /);
});

it('does not animate when reduced motion is preferred', async () => {
  await using visit = await stage.visit(serving.url, { reducedMotion: 'reduce' });
  await visit.until(visit.word, 'Healthy');
  expect(await visit.page.evaluate('document.getAnimations().length')).toBe(0);
});

it('is accessible with forced colors', async () => {
  await using visit = await stage.visit(serving.url, { forcedColors: 'active' });
  await visit.until(visit.word, 'Healthy');
  expect(await violations(visit.page)).toEqual([]);
  visit.expectNoProblems();
});
