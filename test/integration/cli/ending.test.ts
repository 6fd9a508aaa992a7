/** How commands end when the user or the system terminates them: in each runtime, the same way as C programs. */

import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { spawn } from '../../support/spawn.ts';
import { Terminal } from '../../support/terminal.ts';
import { findRuntimes } from '../unix/runtimes.ts';
import { CommandLine } from './support.ts';

let commandLine: CommandLine;
let mock: MockChronyd;
let temp: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  mock = await startMockChronyd(scenario('synchronized', { tracking: { refTime: Date.now() / 1000 } }));
  temp = await mkdtemp(join(tmpdir(), 'ending-'));
});
afterAll(async () => {
  await mock?.close();
  await rm(temp, { recursive: true, force: true });
});

/** A command whose terminal is closed while it runs. */
class Closing {
  readonly #status: string;
  readonly #pid: string;
  readonly #terminal: Terminal;

  private constructor(status: string, pid: string, terminal: Terminal) {
    this.#status = status;
    this.#pid = pid;
    this.#terminal = terminal;
  }

  static async start(command: readonly string[]): Promise<Closing> {
    const folder = await mkdtemp(join(temp, 'closing-'));
    const [status, pid] = [join(folder, 'status'), join(folder, 'pid')];
    // closing the terminal would also end this shell, were it not for the trap
    const outer = 'trap : HUP; "$@"; echo $? >"$0"';
    const inner = 'echo $$ >"$0"; exec "$@"';
    const shells = ['sh', '-c', outer, status, 'sh', '-c', inner, pid];
    return new Closing(status, pid, await Terminal.start([...shells, ...command]));
  }

  /** Closes the terminal once it shows the text. */
  async close(shown: string): Promise<void> {
    try {
      await this.#terminal.until((screen) => screen.includes(shown));
    } finally {
      await this.#terminal[Symbol.asyncDispose]();
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    process.kill(Number(await readFile(this.#pid, 'utf8')), signal);
  }

  /** The exit status as a shell reports it: 128 plus the signal number if a signal ended the command. */
  async status(): Promise<number> {
    const read = (): Promise<string> => readFile(this.#status, 'utf8').catch(() => '');
    await expect.poll(read).toContain('\n');
    return Number(await read());
  }
}

const QUICK = ['--interval', '0.1'];
const runtimes = await findRuntimes();
// the command supports Node.js, tested in the current and the newest version, and Bun
const newest = runtimes.findLast(({ name }) => name.startsWith('Node.js'));
const titled = runtimes
  .filter((each) => each === runtimes[0] || each === newest || each.name.startsWith('Bun'))
  .map((each) => [each.name, each] as const);

describe.each(titled)('%s', (_, { program, args }) => {
  const command = (...more: readonly string[]): readonly string[] => [
    program,
    ...args,
    commandLine.program,
    '-h',
    mock.address,
    ...more,
  ];

  it.each([
    [['watch', 'tracking'], 'Leap status'],
    [['watch', 'sources'], 'Offset'],
    [['watch', 'sources', '--csv'], ',192.0.2.1,'],
    [['bound', '--watch', '--json'], 'synchronized'],
  ])('%j is ended by SIGHUP when its terminal is closed', async (watch, shown) => {
    const closing = await Closing.start(command(...QUICK, ...watch));
    await closing.close(shown);
    expect(await closing.status()).toBe(129);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'watch and bound --watch are ended by %s',
    async (signal) => {
      for (const watch of [
        ['watch', 'tracking'],
        ['bound', '--watch'],
      ]) {
        const child = spawn(program, command(...QUICK, ...watch).slice(1), {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const closed = once(child, 'close');
        await once(child.stdout, 'data');
        child.kill(signal);
        expect(await closed).toEqual([null, signal]);
      }
    },
  );

  it('does not abort with SIGABRT when it exits on a closed terminal', async () => {
    await using silent = await startMockChronyd('silence');
    const closing = await Closing.start([
      // a process in its own session receives no SIGHUP
      ...['setsid', '--wait'],
      ...command('-h', silent.address, '--timeout', '2000', '--retries', '0', '--verbose', 'tracking'),
    ]);
    await expect.poll(() => silent.requests.length).toBe(1);
    await closing.close('');
    expect(await closing.status()).toBe(1);
  });
});

it('serve survives the closing of its terminal, and exits with 0 on SIGTERM', async () => {
  const serve = [process.execPath, commandLine.program, '-h', mock.address, 'serve', '--listen', '0'];
  const closing = await Closing.start(serve);
  await closing.close('listening on');
  await closing.kill('SIGTERM');
  expect(await closing.status()).toBe(0);
});

it('Ctrl-C ends both watch and the shell loop that runs it', async () => {
  const watch = [process.execPath, commandLine.program, '-h', mock.address, ...QUICK, 'watch', 'tracking'];
  const script = 'while true; do "$@"; done';
  await using terminal = await Terminal.start(['bash', '-c', script, 'bash', ...watch]);
  await terminal.until((screen) => screen.includes('Leap status'));
  await terminal.press('C-c');
  expect(await terminal.endedBy()).toBe(2);
});
