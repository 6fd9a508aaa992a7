/** The native program, which runs work on request and reports the time it took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class Native implements AsyncDisposable {
  readonly #process;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string, address: string) {
    this.#process = spawn(program, [address], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Returns the milliseconds that `times` repetitions took. */
  async time(what: 'query' | 'decode', times: number): Promise<number> {
    this.#process.stdin.write(`${what} ${times}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the native program ended');
    return Number(value) / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}
