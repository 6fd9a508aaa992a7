/** A visit to the page. It records every error and warning of the browser. */

import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Errors that only an unreachable server causes. */
const CONNECTION_LOST =
  /net::ERR_(CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/;

export interface VisitOptions extends BrowserContextOptions {
  /** Replaces the server's event stream. */
  readonly events?: () => { readonly status: number; readonly body?: string };
}

export class Visit implements AsyncDisposable {
  readonly page: Page;
  /** Errors and warnings, violations of the content security policy, and requests to other hosts. */
  readonly problems: string[] = [];

  private constructor(page: Page, url: string) {
    this.page = page;
    page.on('pageerror', (error) => this.problems.push(String(error)));
    page.on('console', (message) => {
      const isBad = message.type() === 'error' || message.type() === 'warning';
      if (isBad && !CONNECTION_LOST.test(message.text())) this.problems.push(message.text());
    });
    page.on('request', (request) => {
      const isOurs = request.url().startsWith(url) || request.url().startsWith('data:');
      if (!isOurs) this.problems.push(`a request to ${request.url()}`);
    });
  }

  static async start(
    browser: Browser,
    url: string,
    { events, ...options }: VisitOptions = {},
  ): Promise<Visit> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    // long enough for a loaded machine
    page.setDefaultTimeout(60_000);
    const visit = new Visit(page, url);
    if (events !== undefined) {
      await page.route('**/events', (route) =>
        route.fulfill({ contentType: 'text/event-stream', body: '', ...events() }),
      );
    }
    await page.goto(url);
    return visit;
  }

  /** The word for the state of the clock, e.g. `Healthy`. */
  get word(): Locator {
    return this.page.locator('#status .word');
  }
  get headline(): Locator {
    return this.page.locator('#status h2');
  }
  get link(): Locator {
    return this.page.locator('.link');
  }

  source(address: string): Locator {
    return this.page.locator(`tbody[data-address="${address}"]`);
  }

  /** Waits until an element contains a text. */
  async until(locator: Locator, text: string | RegExp): Promise<void> {
    await locator.filter({ hasText: text }).first().waitFor({ state: 'attached' });
  }

  /** Opens all details elements. */
  async openDetails(): Promise<void> {
    await this.page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
  }

  /** The labels and values of an open section. */
  async fields(within: Locator): Promise<Map<string, string>> {
    const [labels, values] = [within.locator('dt'), within.locator('dd')];
    const texts = [await labels.allInnerTexts(), await values.allInnerTexts()] as const;
    return new Map(texts[0].map((label, i) => [label, texts[1][i] ?? '']));
  }

  expectNoProblems(): void {
    expect(this.problems).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}
