/** Commit wait and a lease, with two processes whose clocks differ by 80 ms. */

import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getTracking } from '../../../../src/index.ts';
import { bundle } from '../../../support/bundle.ts';
import { Chronyd } from '../../../support/chronyd.ts';
import { type Child, spawn } from '../../../support/spawn.ts';
import { text } from '../../../system/package/support/run.ts';
import { FakeClock } from '../../life/fake-clock.ts';
import { NtpServer } from '../ntp-server.ts';
import { TrueTime } from '../true-time.ts';

const EVENTS = 20;

/**
 * A simulated machine: a wrong clock for the processes on it, and a chronyd that knows the error of that clock. The chronyd
 * itself uses the real clock and gets a wrong time from its server, since the kernel's timestamps of datagrams cannot be
 * faked.
 */
class Machine implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly chronyd: Chronyd;
  readonly #server: NtpServer;

  private constructor(server: NtpServer, chronyd: Chronyd) {
    this.#server = server;
    this.chronyd = chronyd;
  }

  static async start(fastMs: number): Promise<Machine> {
    const server = await NtpServer.start(new TrueTime(-fastMs));
    const source = `server 127.0.0.1 port ${server.port} iburst minpoll -2 maxpoll -2`;
    const machine = new Machine(server, await Chronyd.start({ config: [source] }));
    machine.clock.set(`${fastMs < 0 ? '' : '+'}${fastMs / 1000}`);
    // waits until the bound, which is large at first, has become small
    await machine.chronyd.until(
      async () => (await getTracking(machine.chronyd.address)).rootDispersion < 0.005,
    );
    return machine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.chronyd.stop();
    await this.#server[Symbol.asyncDispose]();
    this.clock[Symbol.dispose]();
  }
}

/** The example program on a simulated machine. */
class Committer implements AsyncDisposable {
  readonly #child: Child<'pipe', 'pipe', 'inherit'>;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown[]>;

  constructor(program: string, { chronyd, clock }: Machine, args: readonly string[]) {
    this.#child = spawn(process.execPath, [program, chronyd.address, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...clock.env },
    });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.#closed = once(this.#child, 'close');
  }

  /** Resolves when the event is committed. */
  async commit(event: string): Promise<void> {
    this.#child.stdin.write(`${event}\n`);
    expect(await this.#lines.next()).toEqual({ done: false, value: 'done' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    expect(await this.#closed).toEqual([0, null]);
  }
}

let dir: string;
let fast: Machine;
let slow: Machine;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'commit-wait-'));
  fast = await Machine.start(40);
  slow = await Machine.start(-40);
});
afterAll(async () => {
  for (const each of [fast, slow]) await each?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

function outOfOrder(moments: readonly bigint[]): number {
  return moments.slice(1).filter((moment, i) => moment <= (moments[i] ?? 0n)).length;
}

describe('the timestamps of two processes that commit alternately', () => {
  let program: string;

  beforeAll(async () => {
    program = await bundle('test/integration/clock/commit-wait/commit.ts');
  });

  /** The timestamps, in the order in which the events were committed. */
  async function timestamps(name: string, ...args: readonly string[]): Promise<bigint[]> {
    const log = join(dir, name);
    await using one = new Committer(program, fast, [log, ...args]);
    await using other = new Committer(program, slow, [log, ...args]);
    for (let i = 0; i < EVENTS; i++) await (i % 2 === 0 ? one : other).commit(`event ${i}`);
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/^\d+ /, ''))).toEqual(lines.map((_, i) => `event ${i}`));
    return lines.map((line) => BigInt(line.replace(/ .*/, '')));
  }

  it('are in order with commit wait', async () => {
    expect(outOfOrder(await timestamps('waiting'))).toBe(0);
  });

  it('are out of order without commit wait', async () => {
    expect(outOfOrder(await timestamps('at once', 'at-once'))).toBeGreaterThan(0);
  });
});

/** A line of the example's output. `at` is a time of the monotonic clock, which all processes share. */
interface Line {
  readonly at: bigint;
  readonly name: string;
  readonly what: 'lead' | 'leads' | 'commit';
  readonly term: number;
  readonly timestamp: bigint;
}

describe('two processes that compete for a lease', () => {
  const TERMS = 8;
  let program: string;

  beforeAll(async () => {
    program = await bundle('test/integration/clock/commit-wait/lease.ts');
  });

  /** The lines of both processes, in the order of their times. */
  async function lines(name: string, ...args: readonly string[]): Promise<Line[]> {
    const store = join(dir, name);
    await writeFile(store, '0 nobody 0');
    const children = [fast, slow].map(({ chronyd, clock }, i) =>
      spawn(process.execPath, [program, chronyd.address, store, ['fast', 'slow'][i] ?? '', ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
        env: { ...process.env, ...clock.env },
      }),
    );
    const closed = children.map((child) => once(child, 'close'));
    const outputs = children.map((child) => text(child.stdout));
    await expect.poll(async () => Number.parseInt(await readFile(store, 'utf8'), 10)).toBeGreaterThan(TERMS);
    for (const child of children) child.stdin.end();
    expect(await Promise.all(closed)).toEqual([
      [0, null],
      [0, null],
    ]);
    const all = (await Promise.all(outputs)).join('').trimEnd().split('\n');
    return all.map(parse).sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  function parse(line: string): Line {
    const [at = '', name = '', what = '', term = '', timestamp = ''] = line.split(' ');
    return {
      at: BigInt(at),
      name,
      what: what as Line['what'],
      term: Number(term),
      timestamp: BigInt(timestamp),
    };
  }

  /** The number of times that a leader was still leading after the next term had begun. */
  function overlaps(all: readonly Line[]): number {
    return all.slice(1).filter(({ term }, i) => term < (all[i]?.term ?? 0)).length;
  }

  function commits(all: readonly Line[]): bigint[] {
    return all.filter(({ what }) => what === 'commit').map(({ timestamp }) => timestamp);
  }

  it('never lead at the same time, and their timestamps are in order, with a bounded clock', async () => {
    const all = await lines('lease');
    expect(overlaps(all)).toBe(0);
    expect(commits(all).length).toBeGreaterThanOrEqual(TERMS);
    expect(outOfOrder(commits(all))).toBe(0);
    expect(new Set(all.map(({ name }) => name))).toEqual(new Set(['fast', 'slow']));
  });

  it('can lead at the same time if they trust the clocks of their machines', async () => {
    const all = await lines('wall', 'wall-clock');
    expect(overlaps(all)).toBeGreaterThan(0);
  });
});
