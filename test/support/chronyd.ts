/**
 * Real chronyd processes for tests and the demonstration. They are private, use only the loopback, need no
 * privileges and never set the clock.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findChrony, installedChronyc, versionOf } from './chronyc.ts';
import { freePort } from './ports.ts';
import { type Child, spawn } from './spawn.ts';
import { tied } from './tied.ts';

/**
 * Long enough for a loaded machine, so that only a hang reaches it; shorter than the test timeout, so that the
 * error names the cause.
 */
const HANG_MS = 100_000;

/** The options of a test's chronyd. */
export interface ChronydOptions {
  /** Lines of chrony.conf in addition to the private ports and files. `{dir}` is replaced by its folder. */
  readonly config?: readonly string[];
  /** Lines of its key file. */
  readonly keys?: readonly string[];
  /** Also serve NTP on the loopback. */
  readonly serve?: boolean;
  /** The only addresses for commands; default 127.0.0.1 and ::1. */
  readonly listen?: readonly string[];
  /** The Debian suite that chronyd comes from; default: the chronyd that {@link findChrony} finds. */
  readonly suite?: string | undefined;
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The running chronyds. They are ended on exit, so that none outlives this process. */
const running = new Set<Chronyd>();
process.once('exit', () => {
  for (const chronyd of running) chronyd.abandon();
});

export class Chronyd implements AsyncDisposable {
  /** Its temporary folder, which contains the Unix socket `chronyd.sock`. */
  readonly dir = mkdtempSync(join(tmpdir(), 'chronyd-'));
  /** Its command port. */
  readonly commandPort: number;
  /** Its NTP port; 0 if it does not serve. */
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

  /** Starts a chronyd and waits until it answers. */
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

  /** Rewrites the configuration for the next {@link run}. The folder must exist. */
  configure({ config = [], keys = [], listen = ['127.0.0.1', '::1'] }: ChronydOptions): void {
    // chronyd refuses to create its socket in a folder that other users can access
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

  /** Starts the process, or restarts it after {@link kill}, and waits until it answers. */
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
    // chronyd keeps running if a port is taken; another process would then answer there
    if (/Could not open \w+ socket on 127\./.test(this.#output))
      throw this.#failure('could not open its port');
  }

  /** Waits for a condition; by default it is checked ten times a second. */
  async until(condition: () => Promise<boolean>, everyMs = 100): Promise<void> {
    const end = performance.now() + HANG_MS;
    while (performance.now() < end) {
      if (await condition().catch(() => false)) return;
      if (this.#process !== null && (this.#process.exitCode ?? this.#process.signalCode) !== null)
        throw this.#failure('has ended');
      await sleep(everyMs);
    }
    throw this.#failure(`did not meet the condition within ${HANG_MS} ms`);
  }

  #failure(what: string): Error {
    return new Error(`chronyd ${what}; its output:\n${this.#output}`);
  }

  /** Waits until chronyd has selected a source. */
  untilSynchronized(): Promise<void> {
    return this.until(async () => {
      const line = await this.chronyc(['tracking']);
      return line !== '' && !line.startsWith('00000000') && !line.includes('Not synchronised');
    });
  }

  /**
   * The output of the real chronyc, by default as CSV. It uses the Unix socket, on which every report is
   * allowed.
   */
  async chronyc(command: readonly string[], flags: readonly string[] = ['-c']): Promise<string> {
    return installedChronyc().print('-h', this.socketPath, ...flags, ...command);
  }

  /** Its version, e.g. `4.3`. */
  version(): string {
    return versionOf(this.#program);
  }

  /** Suspends the process (`SIGSTOP`) until {@link thaw}. */
  freeze(): void {
    this.#process?.kill('SIGSTOP');
  }
  thaw(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Ends the process, gracefully or not; {@link run} restarts it. */
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

  /** Does the same as {@link stop} without waiting. */
  abandon(): void {
    running.delete(this);
    this.#process?.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
