/** What axe finds, and what it cannot. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** The rules that depend on colors. */
const COLOR_RULES = ['color-contrast', 'link-in-text-block'];

/**
 * By all rules of WCAG 2.2 up to AA, and what axe thinks best.
 *
 * @param rules - only these
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // as the debugger it may do what the page's policy forbids
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const found: readonly Violation[] = await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** The same in other colors than it was judged in by all rules before. */
export function violationsOfColor(page: Page): Promise<string[]> {
  return violations(page, COLOR_RULES);
}

/** True if something can only be seen by scrolling sideways. */
export function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
/** Also what is left of a desktop of 1280 at 400 %. */
const SMALL_PHONE = { width: 320, height: 640 };

/** By day and night, on a desktop and on a phone. */
export async function expectAccessible(page: Page): Promise<void> {
  for (const screen of [DESKTOP, PHONE]) {
    await page.setViewportSize(screen);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await violations(page), `light, ${screen.width} wide`).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violationsOfColor(page), `dark, ${screen.width} wide`).toEqual([]);
  }
  for (const screen of [DESKTOP, PHONE, SMALL_PHONE]) {
    await page.setViewportSize(screen);
    expect(await isTooWide(page), `${screen.width} wide`).toBe(false);
  }
}
