/** What all visits need: a real Chromium, Debian's, and the server and its page as built from today's source. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { CommandLine } from '../../cli/support.ts';
import { Serving } from '../../server/serving.ts';
import { Visit, type VisitOptions } from './visit.ts';

const PROGRAM = '/usr/bin/chromium';
/** Often, and soon at an end with a chronyd that does not answer. */
const QUICK = ['--interval', '1', '--timeout', '300', '--retries', '1'];

async function startBrowser(): Promise<Browser> {
  if (!existsSync(PROGRAM)) {
    throw new Error(`there is no ${PROGRAM}; install it: make tools, or sudo apt-get install chromium`);
  }
  // its sandbox is not for root
  return chromium.launch({ executablePath: PROGRAM, chromiumSandbox: process.getuid?.() !== 0 });
}

export class Stage implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #commandLine: CommandLine;

  private constructor(browser: Browser, commandLine: CommandLine) {
    this.#browser = browser;
    this.#commandLine = commandLine;
  }

  static async set(): Promise<Stage> {
    const browser = await startBrowser();
    try {
      return new Stage(browser, await CommandLine.build());
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /**
   * @param address - of a chronyd, or of its socket
   * @param port - any free one if not given
   * @param more - more options of the server
   */
  serve(address: string, port = 0, ...more: readonly string[]): Promise<Serving> {
    return Serving.start(this.#commandLine, '--host', address, ...QUICK, '--listen', String(port), ...more);
  }

  visit(url: string, options?: VisitOptions): Promise<Visit> {
    return Visit.start(this.#browser, url, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
