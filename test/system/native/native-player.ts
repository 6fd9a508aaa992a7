/** Plays scripts in a native build of the core: `replay.c`, in one process for all scripts. */
import { type Child, spawn } from '../../support/spawn.ts';
import { type Player, type Script, scriptText } from './script.ts';

const END = 'end\n';

export class NativePlayer implements Player {
  readonly #program: string;
  #process: Child<'pipe', 'pipe', 'pipe'> | null = null;
  #output = '';
  #errors = '';
  #settle: { readonly resolve: (output: string) => void; readonly reject: (error: Error) => void } | null =
    null;

  constructor(program: string) {
    this.#program = program;
  }

  async run(script: Script): Promise<string[]> {
    this.#process ??= this.#start();
    const { stdin } = this.#process;
    const output = await new Promise<string>((resolve, reject) => {
      this.#settle = { resolve, reject };
      stdin.write(scriptText(script));
    });
    return output.split('\n').slice(0, -2);
  }

  /** Ends the process. @throws Error if it reports a problem: a leak is reported only at the end */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child === null) return;
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdin.end();
    const code = await exited;
    if (code !== 0) throw new Error(`${this.#program} exited with ${code}:\n${this.#errors}`);
  }

  #start(): Child<'pipe', 'pipe', 'pipe'> {
    const child = spawn(this.#program, [], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#output = '';
    this.#errors = '';
    child.stdin.on('error', () => {}); // The process has ended: the event `close` has the reason.
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    child.once('close', (code, signal) => {
      this.#process = null;
      this.#settle?.reject(new Error(`${this.#program} ended with ${code ?? signal}:\n${this.#errors}`));
    });
    return child;
  }

  #receive(text: string): void {
    this.#output += text;
    if (!this.#output.endsWith(`\n${END}`)) return;
    const output = this.#output;
    this.#output = '';
    this.#settle?.resolve(output);
    this.#settle = null;
  }
}
