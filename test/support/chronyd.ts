/**
 * Real chronyd processes for tests and the demonstration: private, on the loopback, without privileges, never
 * setting a clock.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findChrony, installedChronyc, versionOf } from './chronyc.ts';
import { freePort } from './ports.ts';
import { type Child, spawn } from './spawn.ts';
import { tied } from './tied.ts';

/** A loaded machine is slow, and only what hangs gets this far: less than a test may take, so as to say what it is. */
const HANG_MS = 100_000;

/** What a test's chronyd is like. */
export interface ChronydOptions {
  /** Lines of chrony.conf beside those for the private ports and files. `{dir}` is its folder. */
  readonly config?: readonly string[];
  /** Lines of its key file. */
  readonly keys?: readonly string[];
  /** Serve NTP to the loopback, too. */
  readonly serve?: boolean;
  /** Listen for commands on these addresses only; default 127.0.0.1 and ::1. */
  readonly listen?: readonly string[];
  /** The one of Debian's suite of that name; default the one that {@link findChrony} finds. */
  readonly suite?: string | undefined;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Those that run, so that none outlives this process, however it ends. */
const running = new Set<Chronyd>();
process.once('exit', () => {
  for (const chronyd of running) chronyd.abandon();
});

export class Chronyd implements AsyncDisposable {
  /** Its temporary folder; the Unix socket in it is `chronyd.sock`. */
  readonly dir = mkdtempSync(join(tmpdir(), 'chronyd-'));
  /** Its port for commands. */
  readonly commandPort: number;
  /** Its port for NTP, if it serves. */
  readonly ntpPort: number;
  readonly #program: string;
  readonly #env: Readonly<Record<string, string>>;
  #process: Child | null = null;
  #output = '';

  private constructor(
    program: string,
    commandPort: number,
    ntpPort: number,
    env: Readonly<Record<string, string>>,
  ) {
    this.#program = program;
    this.#env = env;
    this.commandPort = commandPort;
    this.ntpPort = ntpPort;
  }

  /** Starts one and waits until it answers. */
  static async start(options: ChronydOptions = {}): Promise<Chronyd> {
    const chronyd = new Chronyd(
      join(findChrony(options.suite), 'bin/chronyd'),
      await freePort(),
      options.serve ? await freePort() : 0,
      options.env ?? {},
    );
    chronyd.configure(options);
    try {
      await chronyd.run();
      return chronyd;
    } catch (error) {
      await chronyd.stop();
      throw error;
    }
  }

  /** `127.0.0.1:PORT`. */
  get address(): string {
    return `127.0.0.1:${this.commandPort}`;
  }

  get socketPath(): string {
    return join(this.dir, 'chronyd.sock');
  }

  /** Writes its configuration anew, for the next {@link run}. Its folder must be there. */
  configure({ config = [], keys = [], listen = ['127.0.0.1', '::1'] }: ChronydOptions): void {
    // chronyd refuses to put its socket into a folder that others may enter
    chmodSync(this.dir, 0o700);
    writeFileSync(join(this.dir, 'keys'), `${keys.join('\n')}\n`, { mode: 0o600 });
    const lines = [
      this.ntpPort === 0 ? 'port 0' : `port ${this.ntpPort}`,
      ...(this.ntpPort === 0 ? [] : ['bindaddress 127.0.0.1', 'allow 127.0.0.0/8']),
      `cmdport ${this.commandPort}`,
      ...listen.map((address) => `bindcmdaddress ${address}`),
      'bindcmdaddress {dir}/chronyd.sock',
      'pidfile {dir}/chronyd.pid',
      'keyfile {dir}/keys',
      ...config,
    ];
    writeFileSync(join(this.dir, 'chrony.conf'), `${lines.join('\n').replaceAll('{dir}', this.dir)}\n`);
  }

  /** Starts the process, again after {@link kill}, and waits until it answers. */
  async run(): Promise<void> {
    // -x: never touches the clock. -U: needs no root. -d: stays in the foreground.
    const args = ['-d', '-x', '-U', '-u', userInfo().username, '-f', join(this.dir, 'chrony.conf')];
    const child = spawn(...tied(this.#program, ...args), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
    });
    this.#process = child;
    running.add(this);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        this.#output += text.toString();
      });
    }
    await this.until(async () => existsSync(this.socketPath), 10);
    await this.until(async () => (await this.chronyc(['tracking'])) !== '', 10);
    // it goes on without a port that is taken, at which somebody else would answer
    if (/Could not open \w+ socket on 127\./.test(this.#output))
      throw this.#failure('is not where it should be');
  }

  /** Waits for a condition, looking ten times a second unless told otherwise. */
  async until(condition: () => Promise<boolean>, everyMs = 100): Promise<void> {
    const end = performance.now() + HANG_MS;
    while (performance.now() < end) {
      if (await condition().catch(() => false)) return;
      if (this.#process !== null && (this.#process.exitCode ?? this.#process.signalCode) !== null)
        throw this.#failure('has ended');
      await sleep(everyMs);
    }
    throw this.#failure(`did not get there in ${HANG_MS} ms`);
  }

  #failure(what: string): Error {
    return new Error(`chronyd ${what}; it said:\n${this.#output}`);
  }

  /** Waits until it has selected a source. */
  untilSynchronized(): Promise<void> {
    return this.until(async () => {
      const line = await this.chronyc(['tracking']);
      return line !== '' && !line.startsWith('00000000') && !line.includes('Not synchronised');
    });
  }

  /**
   * What the real chronyc prints, as CSV unless told otherwise. Over the Unix socket, so that every report is
   * allowed.
   */
  async chronyc(command: readonly string[], flags: readonly string[] = ['-c']): Promise<string> {
    return installedChronyc().print('-h', this.socketPath, ...flags, ...command);
  }

  /** Its version, e.g. `4.3`. */
  version(): string {
    return versionOf(this.#program);
  }

  /** Stops it in its tracks (`SIGSTOP`), and lets it go on. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends the process, in good order or not; {@link run} starts it again. */
  async kill(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(timer);
  }

  /** Ends the process and removes its folder. */
  async stop(): Promise<void> {
    await this.kill();
    this.abandon();
  }

  /** As {@link stop}, for when there is no time to wait. */
  abandon(): void {
    running.delete(this);
    this.#process?.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
