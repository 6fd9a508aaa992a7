/** A terminal that a program runs on, driven as a person would: tmux draws, types and lets the screen be read. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Beside what every program has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The beginning of the names of environment variables that would change what a program shows. */
const OURS = /^(?:LC_|LANG$|TERM|NO_COLOR|FORCE_COLOR|NODE_|TMUX|PS\d|PROMPT)/;

/** Those that run, so that none outlives this process. */
const running = new Set<Terminal>();
process.once('exit', () => {
  for (const terminal of running) terminal.abandon();
});

export class Terminal implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'terminal-'));

  private constructor() {
    running.add(this);
  }

  /** Starts a program on a terminal of its own. */
  static async start(
    command: readonly string[],
    { columns = 100, rows = 30, env = {} }: TerminalOptions = {},
  ): Promise<Terminal> {
    const terminal = new Terminal();
    const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name)));
    const variables = { LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env };
    const args = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    await terminal.#tmux(
      ['-f', '/dev/null', '-u', 'new-session', '-d', '-x', String(columns), '-y', String(rows)].concat(
        // the terminal stays when the program has ended, to be looked at
        [
          'env',
          ...args,
          ...command,
          ';',
          'set-option',
          '-g',
          'remain-on-exit',
          'on',
          ';',
          'set-option',
          '-g',
          'remain-on-exit-format',
          '',
        ],
      ),
      { ...clean, LANG: 'C.UTF-8' },
    );
    return terminal;
  }

  async #tmux(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
    const { stdout } = await run('tmux', ['-S', join(this.#dir, 'tmux'), ...args], { env });
    return stdout;
  }

  /** Types text. */
  async type(text: string): Promise<void> {
    await this.#tmux(['send-keys', '-l', text]);
  }

  /** Presses keys by tmux's names: `Enter`, `C-c`, `Tab`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux(['send-keys', ...keys]);
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** What is on the screen, without trailing empty lines. */
  async screen(): Promise<string> {
    return (await this.#tmux(['capture-pane', '-p'])).trimEnd();
  }

  /** The same with what sets its styles: `⟦1m` for what a terminal is sent as `ESC [1m`. */
  async styledScreen(): Promise<string> {
    return (await this.#tmux(['capture-pane', '-p', '-e'])).trimEnd().replaceAll('\x1b[', '⟦');
  }

  /** What a format of tmux's says, e.g. `#{alternate_on}`. */
  async tell(format: string): Promise<string> {
    return (await this.#tmux(['display-message', '-p', format])).trimEnd();
  }

  /** Waits until the screen shows that. Returns the screen. */
  async until(shows: (screen: string) => boolean | Promise<boolean>, timeoutMs = 20_000): Promise<string> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const screen = await this.screen();
      if (await shows(screen)) return screen;
      if (Date.now() > end)
        throw new Error(`the terminal did not get there in ${timeoutMs} ms; it shows:\n${screen}`);
      await sleep(50);
    }
  }

  /** Waits until the program has ended. Returns its exit status. */
  async ended(): Promise<number> {
    await this.until(async () => (await this.tell('#{pane_dead}')) === '1');
    return Number(await this.tell('#{pane_dead_status}'));
  }

  /** Ends the program, if it still runs, and the terminal. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.abandon();
  }

  abandon(): void {
    running.delete(this);
    spawnSync('tmux', ['-S', join(this.#dir, 'tmux'), 'kill-server']);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
