/** `chrony-wasm serve` as it is shipped, for a chronyd of a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Those that run, so that none outlives this process, however it ends. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** What hangs is not waited for. */
const START_MS = 20_000;

export class Served implements AsyncDisposable {
  readonly #args: readonly string[];
  #process: ChildProcess | null = null;
  #url = '';

  private constructor(address: string, args: readonly string[]) {
    this.#args = ['dist/cli.cjs', '--host', address, '--timeout', '300', '--retries', '1', 'serve', ...args];
  }

  /**
   * @param address - of the chronyd, or of its socket
   * @param args - further ones of `serve`
   */
  static async start(address: string, ...args: readonly string[]): Promise<Served> {
    const served = new Served(address, ['--interval', '1', ...args]);
    await served.run('127.0.0.1:0');
    return served;
  }

  get url(): string {
    return this.#url;
  }

  /** Starts it, again after {@link kill}: where it was before unless said otherwise. */
  async run(listen = new URL(this.#url).host): Promise<void> {
    const child = spawn(process.execPath, [...this.#args, '--listen', listen], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    let said = '';
    const listening = new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (text: Buffer) => {
        said += text.toString();
        const [, url] = /listening on (\S+)/.exec(said) ?? [];
        if (url !== undefined) resolve(url);
      });
      child.once('exit', () => reject(new Error(`serve ended; it said: ${said}`)));
      setTimeout(() => reject(new Error(`serve does not listen; it said: ${said}`)), START_MS).unref();
    });
    try {
      this.#url = await listening;
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Stops it in its tracks: its connections stay, and say nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
