/** A visit to the page of a fleet. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { FleetReply } from '../../../../src/server/fleet/messages.ts';
import type { Serving } from '../../server/serving.ts';
import type { Stage } from './stage.ts';
import type { Visit, VisitOptions } from './visit.ts';

export class FleetVisit implements AsyncDisposable {
  readonly #visit: Visit;
  readonly #serving: Serving;

  private constructor(visit: Visit, serving: Serving) {
    this.#visit = visit;
    this.#serving = serving;
  }

  /**
   * Opens the page and waits until all clocks are shown.
   *
   * @param options - options of the visit, and the view as the fragment of the page's URL
   */
  static async start(
    stage: Stage,
    serving: Serving,
    { view = '', ...options }: VisitOptions & { readonly view?: string } = {},
  ): Promise<FleetVisit> {
    const visit = new FleetVisit(await stage.visit(serving.url, options), serving);
    if (view !== '') await visit.page.goto(`${serving.url}${view}`);
    await visit.untilThere();
    return visit;
  }

  /** Waits until all clocks are shown and each has been polled. */
  async untilThere(): Promise<void> {
    await this.grid.waitFor();
    await expect.poll(() => this.countIn('Pending')).toBe(0);
    await expect.poll(() => this.headline.innerText()).toMatch(/clock/);
  }

  get page(): Page {
    return this.#visit.page;
  }
  get headline(): Locator {
    return this.page.locator('#status h2');
  }
  get grid(): Locator {
    return this.page.locator('.grid');
  }
  /** The rows of clocks that are in the document. */
  get rows(): Locator {
    return this.grid.locator('.clock');
  }
  get groups(): Locator {
    return this.grid.locator('.group');
  }
  /** The row that is active for the keyboard. */
  get active(): Locator {
    return this.grid.locator('[data-active]');
  }

  row(address: string): Locator {
    return this.rows.filter({ has: this.page.getByRole('link', { name: address, exact: true }) });
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  select(name: string): Locator {
    return this.page.getByRole('combobox', { name, exact: true });
  }

  /** The count of shown clocks: `3 of 300 clocks`. */
  get count(): Locator {
    return this.page.locator('#shown .count');
  }

  /** The number of clocks in a state, as shown on its button. */
  async countIn(state: string): Promise<number> {
    const text = await this.page.locator('.state-filter', { hasText: state }).innerText();
    return Number(/[\d,]+/.exec(text)?.[0].replaceAll(',', ''));
  }

  /** The texts of a column in the rows that are in the document, from top to bottom. */
  texts(column: string): Promise<string[]> {
    return this.rows.locator(`.${column}`).allInnerTexts();
  }

  /** The targets of the rows that are in the document. */
  targets(): Promise<string[]> {
    return this.texts('target');
  }

  /** The total number of rows, including rows that are not in the document. */
  async rowCount(): Promise<number> {
    return Number(await this.grid.getAttribute('aria-rowcount')) - 1;
  }

  /** The clocks as reported by the API. */
  async clocks(): Promise<FleetReply['clocks']> {
    const { text } = await this.#serving.ask('/api/fleet');
    const { clocks }: FleetReply = JSON.parse(text);
    return clocks;
  }

  /** The fragment of the page's URL. */
  fragment(): string {
    return new URL(this.page.url()).hash;
  }

  until(locator: Locator, text: string | RegExp): Promise<void> {
    return this.#visit.until(locator, text);
  }

  expectNoProblems(): void {
    this.#visit.expectNoProblems();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#visit[Symbol.asyncDispose]();
  }
}
