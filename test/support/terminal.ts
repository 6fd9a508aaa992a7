/** A terminal that a program runs on, driven as a person would: tmux draws, types and lets the screen be read. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mustRun } from '../system/package/support/run.ts';
import { type Child, spawn } from './spawn.ts';
import { tied } from './tied.ts';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Beside what every program has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The beginning of the names of environment variables that would change what a program shows. */
const OURS = /^(?:LC_|LANG$|TERM|NO_COLOR|FORCE_COLOR|NODE_|TMUX|PS\d|PROMPT)/;

/** A loaded machine is slow, and only what hangs gets this far: less than a test may take, so as to say what it is. */
const HANG_MS = 60_000;

export class Terminal implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'terminal-'));
  readonly #server: Child;

  private constructor() {
    const ours = Object.entries(process.env).filter(([name]) => !OURS.test(name));
    // in the foreground, so that it is a child of ours
    const server = tied('tmux', '-D', '-f', '/dev/null', '-u', '-S', this.#socket);
    const env = { ...Object.fromEntries(ours), LANG: 'C.UTF-8' };
    this.#server = spawn(...server, { stdio: ['ignore', 'ignore', 'ignore'], env });
    process.once('exit', this.#abandon);
  }

  get #socket(): string {
    return join(this.#dir, 'tmux');
  }

  /** Starts a program on a terminal of its own. */
  static async start(
    command: readonly string[],
    { columns = 100, rows = 30, env = {} }: TerminalOptions = {},
  ): Promise<Terminal> {
    const terminal = new Terminal();
    const variables = { LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env };
    const args = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    try {
      await terminal.#listening();
      // the terminal stays when the program has ended, to be looked at
      await terminal.#tmux('set-option', '-g', 'remain-on-exit', 'on');
      await terminal.#tmux('set-option', '-g', 'remain-on-exit-format', '');
      const size = ['-x', String(columns), '-y', String(rows)];
      await terminal.#tmux('new-session', '-d', ...size, 'env', ...args, ...command);
      return terminal;
    } catch (error) {
      await terminal[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #listening(): Promise<void> {
    const end = performance.now() + HANG_MS;
    for (;;) {
      try {
        await this.#tmux('start-server');
        return;
      } catch (error) {
        if (performance.now() > end || this.#server.exitCode !== null) throw error;
        await sleep(10);
      }
    }
  }

  /** Has the server do something; another one is not started. */
  async #tmux(...args: readonly string[]): Promise<string> {
    const latin1 = await mustRun('tmux', ['-N', '-S', this.#socket, ...args]);
    return Buffer.from(latin1, 'latin1').toString();
  }

  /** Types text. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', text);
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `Tab`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', ...keys);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What is on the screen, without trailing empty lines. */
  async screen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p')).trimEnd();
  }

  /** The same with what sets its styles: `⟦1m` for what a terminal is sent as `ESC [1m`. */
  async styledScreen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-e')).trimEnd().replaceAll('\x1b[', '⟦');
  }

  /** What a format of tmux's says, e.g. `#{alternate_on}`. */
  async tell(format: string): Promise<string> {
    return (await this.#tmux('display-message', '-p', format)).trimEnd();
  }

  /** Waits until the screen shows that. Returns the screen. */
  async until(shows: (screen: string) => boolean | Promise<boolean>): Promise<string> {
    const end = performance.now() + HANG_MS;
    for (;;) {
      const screen = await this.screen();
      if (await shows(screen)) return screen;
      if (performance.now() > end)
        throw new Error(`the terminal did not get there in ${HANG_MS} ms; it shows:\n${screen}`);
      await sleep(50);
    }
  }

  /** Waits until the program has ended. Returns its exit status. */
  async ended(): Promise<number> {
    return Number((await this.#end()).status);
  }

  /** Waits until the program has ended. Returns the number of the signal that ended it, null if none did. */
  async endedBy(): Promise<number | null> {
    const { signal } = await this.#end();
    return signal === '' ? null : Number(signal);
  }

  async #end(): Promise<{ readonly status: string; readonly signal: string }> {
    let end = { status: '', signal: '' };
    await this.until(async () => {
      const told = await this.tell('#{pane_dead} #{pane_dead_status} #{pane_dead_signal}');
      const [dead, status = '', signal = ''] = told.split(' ');
      end = { status, signal };
      if (status !== '' || signal !== '') return true;
      // tmux 3.3 misses the end of one child in seven until another child ends
      if (dead === '1') await this.#tmux('run-shell', 'true');
      return false;
    });
    return end;
  }

  /** Ends the program, if it still runs, and the terminal. */
  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#abandon);
    if (this.#server.exitCode === null && this.#server.signalCode === null) {
      const exited = once(this.#server, 'exit');
      this.#server.kill();
      await exited;
    }
    this.#abandon();
  }

  readonly #abandon = (): void => {
    this.#server.kill('SIGKILL');
    rmSync(this.#dir, { recursive: true, force: true });
  };
}
