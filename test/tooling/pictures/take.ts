/** `make pictures`: takes the README's pictures of the command line and the page, light and dark, with a real chronyd. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { BrowserType } from 'playwright-core';
import { NtpServer } from '../../integration/clock/ntp-server.ts';
import { TrueTime } from '../../integration/clock/true-time.ts';
import { Chronyd } from '../../support/chronyd.ts';

const FOLDER = '.github';
/** The text alternative of the drawing. */
const TITLE = 'The output of chrony-wasm sources and chrony-wasm bound';
const CLI = 'dist/cli.cjs';
const COMMANDS = [['sources'], ['bound']];
/** The charts need some measurements. */
const WATCH_MS = 75_000;
const SIZE = { width: 1180, height: 726 };

// Not bundled: playwright-core would not find its own files.
const { chromium }: { readonly chromium: BrowserType } = createRequire(`${process.cwd()}/`)(
  'playwright-core',
);

/** Starts servers with a little noise, one of them wrong by half a second. Also returns the line of chrony.conf for each. */
async function startServers(): Promise<{ readonly servers: readonly NtpServer[]; readonly lines: string[] }> {
  const wrongMs = [0.1, -0.2, 0.15, 500];
  const servers = await Promise.all(
    wrongMs.map((ms, i) => NtpServer.start(new TrueTime(ms), `127.0.0.${i + 1}`, i + 1)),
  );
  for (const [i, server] of servers.entries()) await server.network({ there: 0.3 * (i + 1), back: 0.2 });
  const lines = servers.map(
    ({ address, port }, i) => `server ${address} port ${port} iburst minpoll ${i - 1} maxpoll ${i - 1}`,
  );
  return { servers, lines };
}

async function printed(address: string, command: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, '--host', address, ...command]);
  return `$ npx chrony-wasm ${command.join(' ')}\n${stdout.trimEnd()}`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** An SVG drawing of a terminal, in the color scheme that the reader's system prefers. */
function terminal(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const width = Math.max(...lines.map((line) => line.length)) * 8.43 + 40;
  const height = lines.length * 19 + 34;
  const spans = lines.map((line, i) => {
    const kind = line.startsWith('$') ? ' class="command"' : '';
    return `<text x="20" y="${i * 19 + 32}"${kind} xml:space="preserve">${escaped(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" width="${width.toFixed(0)}" height="${height}" role="img">`,
    `<title>${escaped(TITLE)}</title>`,
    '<style>',
    'rect { fill: #f6f8fa; stroke: #d0d7de } text { fill: #1f2328; font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }',
    '.command { font-weight: 600; fill: #0a52c4 }',
    '@media (prefers-color-scheme: dark) { rect { fill: #0d1117; stroke: #30363d } text { fill: #e6edf3 } .command { fill: #7ab7ff } }',
    '</style>',
    `<rect x="0.5" y="0.5" width="${(width - 1).toFixed(0)}" height="${height - 1}" rx="8"/>`,
    ...spans,
    '</svg>',
    '',
  ].join('\n');
}

async function takePage(url: string): Promise<void> {
  const chromiumSandbox = process.getuid?.() !== 0;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', chromiumSandbox });
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto(url);
    await sleep(WATCH_MS);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await sleep(1500);
      const name = colorScheme === 'light' ? 'page.png' : 'page-dark.png';
      await page.screenshot({ path: `${FOLDER}/${name}` });
    }
  } finally {
    await browser.close();
  }
}

/** Serves until the page has been taken. */
async function servePage(address: string): Promise<void> {
  const args = [CLI, 'serve', '--host', address, '--listen', '127.0.0.1:0', '--interval', '1'];
  const serving = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    for await (const line of createInterface(serving.stderr)) {
      const [url] = /http:\/\/127\.0\.0\.1:\d+\//.exec(line) ?? [];
      if (url === undefined) continue;
      await takePage(url);
      return;
    }
    throw new Error('chrony-wasm serve has not printed its address');
  } finally {
    serving.kill();
    await once(serving, 'exit');
  }
}

const { servers, lines } = await startServers();
await using chronyd = await Chronyd.start({ config: [...lines, 'maxclockerror 50'] });
await chronyd.untilSynchronized();
await servePage(chronyd.socketPath);
const texts: string[] = [];
for (const command of COMMANDS) texts.push(await printed(chronyd.address, command));
await writeFile(`${FOLDER}/terminal.svg`, terminal(texts.join('\n\n')));
for (const server of servers) await server[Symbol.asyncDispose]();
