/** The setup of all visits: Debian's Chromium, and the server and its page, built from the current source. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { CommandLine } from '../../cli/support.ts';
import { Serving } from '../../server/serving.ts';
import { Visit, type VisitOptions } from './visit.ts';

const PROGRAM = '/usr/bin/chromium';
/** Polls often and gives up soon on a chronyd that does not answer. */
const QUICK = ['--interval', '1', '--timeout', '300', '--retries', '1'];

async function startBrowser(args: readonly string[]): Promise<Browser> {
  if (!existsSync(PROGRAM)) {
    throw new Error(`there is no ${PROGRAM}; install it: make tools, or sudo apt-get install chromium`);
  }
  // Chromium's sandbox does not support root
  const chromiumSandbox = process.getuid?.() !== 0;
  return chromium.launch({ executablePath: PROGRAM, chromiumSandbox, args: [...args] });
}

export class Stage implements AsyncDisposable {
  readonly #browser: Browser;
  readonly #commandLine: CommandLine;

  private constructor(browser: Browser, commandLine: CommandLine) {
    this.#browser = browser;
    this.#commandLine = commandLine;
  }

  /** @param args - arguments of the browser */
  static async set(...args: readonly string[]): Promise<Stage> {
    const browser = await startBrowser(args);
    try {
      return new Stage(browser, await CommandLine.build());
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** The path of the command, for servers that {@link serve} does not cover. */
  get program(): string {
    return this.#commandLine.program;
  }

  /**
   * Starts the server.
   *
   * @param address - the address of a chronyd or the path of its socket
   * @param listen - a port, or an address with a port; default: any free port
   */
  serve(address: string, listen: number | string = 0, ...args: readonly string[]): Promise<Serving> {
    const place = ['--listen', String(listen)];
    return Serving.start(this.#commandLine, '--host', address, ...QUICK, ...place, ...args);
  }

  /** A page in its own browser context. */
  page(): Promise<Page> {
    return this.#browser.newPage();
  }

  visit(url: string, options?: VisitOptions): Promise<Visit> {
    return Visit.start(this.#browser, url, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}
