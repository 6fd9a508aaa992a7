/** A terminal for a program under test. tmux draws it, sends the keys and returns the screen. */
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
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Matches environment variables that would change the output of a program. They are removed. */
const OURS = /^(?:LC_|LANG$|TERM|NO_COLOR|FORCE_COLOR|NODE_|TMUX|PS\d|PROMPT)/;

/**
 * Long enough for a loaded machine, so that only a hang reaches it; shorter than the test timeout, so that the
 * error names the cause.
 */
const HANG_MS = 60_000;

export class Terminal implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'terminal-'));
  readonly #server: Child;

  private constructor() {
    const ours = Object.entries(process.env).filter(([name]) => !OURS.test(name));
    // -D: in the foreground, so that it remains our child process
    const server = tied('tmux', '-D', '-f', '/dev/null', '-u', '-S', this.#socket);
    const env = { ...Object.fromEntries(ours), LANG: 'C.UTF-8' };
    this.#server = spawn(...server, { stdio: ['ignore', 'ignore', 'ignore'], env });
    process.once('exit', this.#abandon);
  }

  get #socket(): string {
    return join(this.#dir, 'tmux');
  }

  /** Starts a program on its own terminal. */
  static async start(
    command: readonly string[],
    { columns = 100, rows = 30, env = {} }: TerminalOptions = {},
  ): Promise<Terminal> {
    const terminal = new Terminal();
    const variables = { LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env };
    const args = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    try {
      await terminal.#listening();
      // keep the terminal after the program has ended, so that its screen can be read
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

  /** Sends a command to the server. `-N` prevents tmux from starting another server. */
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

  /** The text of the screen, without trailing empty lines. */
  async screen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p')).trimEnd();
  }

  /** The text of the screen with its style sequences, in which `⟦` stands for `ESC [`, as in `⟦1m`. */
  async styledScreen(): Promise<string> {
    return (await this.#tmux('capture-pane', '-p', '-e')).trimEnd().replaceAll('\x1b[', '⟦');
  }

  /** The value of a tmux format, e.g. `#{alternate_on}`. */
  async tell(format: string): Promise<string> {
    return (await this.#tmux('display-message', '-p', format)).trimEnd();
  }

  /** Waits until the screen meets the condition. Returns the screen. */
  async until(shows: (screen: string) => boolean | Promise<boolean>): Promise<string> {
    const end = performance.now() + HANG_MS;
    for (;;) {
      const screen = await this.screen();
      if (await shows(screen)) return screen;
      if (performance.now() > end)
        throw new Error(`the screen did not meet the condition within ${HANG_MS} ms; it shows:\n${screen}`);
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
      const state = await this.tell('#{pane_dead} #{pane_dead_status} #{pane_dead_signal}');
      const [dead, status = '', signal = ''] = state.split(' ');
      end = { status, signal };
      if (status !== '' || signal !== '') return true;
      // in one case of seven, tmux 3.3 does not notice that a child has ended until another child ends
      if (dead === '1') await this.#tmux('run-shell', 'true');
      return false;
    });
    return end;
  }

  /** Ends the terminal, and the program if it still runs. */
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
