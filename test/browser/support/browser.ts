/** A real Chromium, Debian's. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PROGRAM = '/usr/bin/chromium';

export async function startBrowser(): Promise<Browser> {
  if (!existsSync(PROGRAM)) {
    throw new Error(`there is no ${PROGRAM}; install it with: make tools, or sudo apt-get install chromium`);
  }
  // its sandbox is not for root
  return chromium.launch({ executablePath: PROGRAM, chromiumSandbox: process.getuid?.() !== 0 });
}
