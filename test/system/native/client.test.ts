/** The library as its users have it: the public header, C and C++, gcc and clang, and a real chronyd. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime } from '../../support/clients.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { build, buildOutside, type Compiler } from './build.ts';

/** More clients than a reply has room for. */
const CLIENTS = 20;

let pair: Pair;
/** A chronyd that has clients, sources with names and a manual list. */
let asked: Chronyd;
beforeAll(async () => {
  asked = await Chronyd.start({
    serve: true,
    config: [
      'manual',
      'server localhost port 9 offline',
      'server 127.0.0.2 port 9 offline',
      'refclock SOCK {dir}/gps.sock refid GPS',
    ],
  });
  for (let i = 1; i <= CLIENTS; i++) await askForTime(asked, `127.0.1.${i}`, i);
  const time = new Date().toISOString();
  await asked.chronyc([`settime ${time.slice(0, 10)} ${time.slice(11, 19)}`]);
  pair = await startPair();
  // A program with sanitizers runs longer than the time between two updates of the clock.
  await pair.client.chronyc(['offline'], []);
});
afterAll(async () => {
  await asked?.stop();
  await pair?.[Symbol.asyncDispose]();
});

const builds: [Compiler, 'c' | 'c++'][] = [
  ['gcc', 'c'],
  ['gcc', 'c++'],
  ['clang', 'c'],
  ['clang', 'c++'],
];

describe.each(builds)('built by %s from %s', (compiler, language) => {
  let program: string;
  beforeAll(async () => {
    program = await buildOutside('client', compiler, language);
  });

  /** The output of the program, which must print no error. */
  async function run(...args: string[]): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)(program, args);
    expect(stderr).toBe('');
    return stdout;
  }

  it.each([
    ['IPv4', () => pair.client.address],
    ['IPv6', () => `[::1]:${pair.client.commandPort}`],
    ['the Unix socket', () => pair.client.socketPath],
  ])('reads the same values as chronyc: %s', async (_, address) => {
    const { before, ours, after } = await undisturbed(async () =>
      new Output(await run('all', address())).tracking(),
    );
    const others = ours.filter((value, i) => !isBetween(value, before[i] ?? '', after[i] ?? ''));
    expect(others, `chronyc: ${before}\nours:    ${ours}`).toEqual([]);
    expect(ours).toHaveLength(before.length);
  });

  it('gets an error for the privileged reports over UDP', async () => {
    const output = new Output(await run('all', pair.client.address));
    expect(output.errors()).toEqual({ selectdata: 9, authdata: 9, ntpdata: 9, serverstats: 9, rtcdata: 10 });
  });

  it('gets every report over the Unix socket, and leaves no file behind', async () => {
    const before = readdirSync(pair.client.dir);
    const output = new Output(await run('all', pair.client.socketPath));
    expect(readdirSync(pair.client.dir)).toEqual(before);

    expect(output.errors()).toEqual({ rtcdata: 10 });
    const clock = output.recordWith('sources', 'mode', '2');
    const server = output.recordWith('sources', 'poll', '-1', '-2');
    for (const [report, fields] of Object.entries(fewestFields)) {
      const record = numbered.includes(report) ? server : '0';
      expect(output.record(report, record).length, report).toBeGreaterThanOrEqual(fields);
    }
    expect(output.value('sources', clock, 'reference ID')).toBe(String(0x47505300));
    expect(output.record('authdata', clock)).toEqual([]);
    expect(output.record('ntpdata', clock)).toEqual([]);
    expect(output.value('ntpdata', server, 'remote address')).toBe('127.0.0.1');
  });

  /** The outcomes of opening each address, in one run, since starting the program takes longer than all of them. */
  async function opened(...addresses: string[]): Promise<[address: string, outcome: string][]> {
    const outcomes = (await run('open', ...addresses)).trimEnd().split('\n');
    expect(outcomes).toHaveLength(addresses.length);
    return addresses.map((address, i) => [address, outcomes[i] ?? '']);
  }

  it('gets names, clients and the manual list with the extensions of the header', async () => {
    const questions = await buildOutside('questions', compiler, language);
    const ask = async (address: string): Promise<string[]> => {
      const { stdout, stderr } = await promisify(execFile)(questions, [address]);
      expect(stderr).toBe('');
      return stdout.trimEnd().split('\n').sort();
    };
    const clients = (await asked.chronyc(['clients'])).trimEnd().split('\n');
    const hits = clients.map((line) => line.split(',').slice(0, 2));
    expect(hits).toHaveLength(CLIENTS);
    expect(await ask(asked.socketPath)).toEqual([
      ...hits.map((columns) => ['client', ...columns].join('\t')).sort(),
      'name\t127.0.0.1\tlocalhost',
      'name\t127.0.0.2\t127.0.0.2',
      expect.stringMatching(/^sample\t\d{10}$/),
    ]);
  });

  it('rejects invalid addresses', async () => {
    const wrong = [
      'localhost',
      'chronyd.sock',
      ' 127.0.0.1',
      '127.0.0.1 ',
      '127.0.0',
      '127.0.0.256',
      '127.0.0.1:',
      '127.0.0.1:0',
      '127.0.0.1:-1',
      '127.0.0.1:+323',
      '127.0.0.1: 323',
      '127.0.0.1:65536',
      '127.0.0.1:4294967619',
      '127.0.0.1:99999999999999999999',
      '127.0.0.1:323x',
      ':323',
      ':',
      '[',
      '[]',
      '[]:323',
      '[::1',
      '[::1]323',
      '[::1]:',
      '[::1]:0',
      '[::1]:65536',
      '[127.0.0.1]',
      '[127.0.0.1]:323',
      '::1]:323',
      '1:2:3:4:5:6:7:8:9',
      '1'.repeat(50),
      `[${'1'.repeat(50)}]`,
    ];
    expect(await opened(...wrong)).toEqual(wrong.map((address) => [address, 'EINVAL']));
  });

  it('opens an address even if no process listens there', async () => {
    const right = ['127.0.0.1', '127.0.0.1:1', '127.0.0.1:65535', '::1', '[::1]', '[::1]:323'];
    const all = [...right, '::ffff:127.0.0.1'];
    expect(await opened(...all)).toEqual(all.map((address) => [address, 'open']));
  });

  it('opens a default address if none is given', async () => {
    expect(await run('open')).toBe('open\n');
    expect(await run('open', '')).toBe('open\n');
  });

  it('rejects a path that is too long or does not exist, and leaves no file behind', async () => {
    const { dir } = pair.client;
    const before = readdirSync(dir);
    const outcomes = {
      [`/${'x'.repeat(107)}`]: 'ENAMETOOLONG',
      [`/${'x'.repeat(10_000)}`]: 'ENAMETOOLONG',
      // short enough for the server's socket, but too long for the client's socket beside it
      [`/${'x'.repeat(100)}/s`]: 'ENAMETOOLONG',
      '/no/such/folder/chronyd.sock': 'ENOENT',
      [join(dir, 'no-such.sock')]: 'ENOENT',
      [join(dir, 'chrony.conf')]: 'ECONNREFUSED',
    };
    expect(await opened(...Object.keys(outcomes))).toEqual(Object.entries(outcomes));
    expect(readdirSync(dir)).toEqual(before);
  });
});

it('keeps a request after a call that comes before the answer', async () => {
  const program = await build('early', 'gcc');
  pair.client.freeze();
  try {
    const running = promisify(execFile)(program, [pair.client.address, 'tracking']);
    running.child.stdout?.once('data', () => pair.client.thaw());
    const { stdout, stderr } = await running;
    expect({ stdout, stderr }).toEqual({ stdout: 'early\nerror 0, fields 14\n', stderr: '' });
  } finally {
    pair.client.thaw();
  }
});

it('does not follow a link that replaces its socket when it changes the mode', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'displaced-'));
  const victim = join(dir, 'victim');
  writeFileSync(victim, '', { mode: 0o600 });
  const { stdout } = await promisify(execFile)(await build('displaced', 'gcc'), [
    join(dir, 'chronyd.sock'),
    victim,
  ]);
  expect(stdout).toBe('0600\n');
  rmSync(dir, { recursive: true });
});

const numbered = ['sources', 'sourcestats', 'selectdata', 'authdata', 'ntpdata'];

/** The minimum number of fields in a record: newer servers send more. */
const fewestFields = {
  tracking: 14,
  sources: 11,
  sourcestats: 10,
  selectdata: 12,
  activity: 5,
  authdata: 10,
  ntpdata: 28,
  serverstats: 5,
  smoothing: 6,
};

/** The output of the program: see `client.c`. */
class Output {
  readonly #rows: readonly (readonly string[])[];

  constructor(text: string) {
    this.#rows = text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));
  }

  /** The errors by report. */
  errors(): Record<string, number> {
    const errors = this.#rows.filter(([, what]) => what === 'error');
    return Object.fromEntries(errors.map(([report, , number]) => [report, Number(number)]));
  }

  /** The rows of a record's fields. */
  record(report: string, record: string): (readonly string[])[] {
    return this.#rows.filter((row) => row[0] === report && row[1] === record);
  }

  /** The number of the first record in which a field has one of these values. */
  recordWith(report: string, name: string, ...values: readonly string[]): string {
    const row = this.#rows.find(
      (each) => each[0] === report && each[2] === name && values.includes(each[5] ?? ''),
    );
    return row?.[1] ?? `no ${report} with ${name} ${values.join(' or ')}`;
  }

  value(report: string, record: string, name: string): string {
    return this.record(report, record).find((row) => row[2] === name)?.[5] ?? `no ${name}`;
  }

  /** The report tracking in chronyc's columns, with the same number of digits. */
  tracking(): string[] {
    const text = (name: string): string => this.value('tracking', '0', name);
    const digits = (name: string, number: number): string => Number(text(name)).toFixed(number);
    return [
      Number(text('reference ID')).toString(16).toUpperCase().padStart(8, '0'),
      text('address'),
      text('stratum'),
      text('reference time'),
      digits('current correction', 9),
      digits('last offset', 9),
      digits('RMS offset', 9),
      digits('frequency offset', 3),
      digits('residual frequency', 3),
      digits('skew', 3),
      digits('root delay', 9),
      digits('root dispersion', 9),
      digits('last update interval', 1),
      leaps[Number(text('leap status'))] ?? 'unknown',
    ];
  }
}

const REFERENCE_TIME = 3;
const leaps = ['Normal', 'Insert second', 'Delete second', 'Not synchronised'];

async function chronycTracking(): Promise<string[]> {
  return (await pair.client.chronyc(['tracking'])).trimEnd().split(',');
}

/** Sends requests between two calls of chronyc, and repeats that until chronyd has not updated its clock meanwhile. */
async function undisturbed(
  ask: () => Promise<string[]>,
): Promise<{ before: string[]; ours: string[]; after: string[] }> {
  for (;;) {
    const before = await chronycTracking();
    const ours = await ask();
    const after = await chronycTracking();
    if (before[REFERENCE_TIME] === after[REFERENCE_TIME]) return { before, ours, after };
  }
}

/** True for the same text, or for a number between the two: the correction shrinks and the dispersion grows meanwhile. */
function isBetween(value: string, before: string, after: string): boolean {
  if (value === before || value === after) return true;
  const [low, high] = [Number(before), Number(after)].sort((a, b) => a - b) as [number, number];
  return low < Number(value) && Number(value) < high;
}
