/** Accessibility checks: those of axe, and one that axe lacks. */
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
 * The violations of WCAG 2.2 up to level AA and of axe's best practices.
 *
 * @param rules - limits the check to these rules
 */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  // evaluated through the debugger, which the page's content security policy does not restrict
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const found: readonly Violation[] = await page.evaluate(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}

/** The violations of the color rules only, for a page that was checked by all rules in another color scheme. */
export function violationsOfColor(page: Page): Promise<string[]> {
  return violations(page, COLOR_RULES);
}

/** Whether the page needs horizontal scrolling. */
export function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
}

const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
/** Also the viewport of a desktop 1280 wide at a zoom of 400 %. */
const SMALL_PHONE = { width: 320, height: 640 };

/** Checks the page in light and dark mode, on a desktop and on phones. */
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
