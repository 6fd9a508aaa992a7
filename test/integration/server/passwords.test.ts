/** Users with bcrypt hashes, which are slow by design and must not slow down other users. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chronyd } from '../../support/chronyd.ts';
import { run } from '../../system/package/support/run.ts';
import { CommandLine } from '../cli/support.ts';
import { bcryptHash } from './identities.ts';
import { Serving } from './serving.ts';

let commandLine: CommandLine;
let chronyd: Chronyd;
let dir: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  chronyd = await Chronyd.start();
  dir = await mkdtemp(join(tmpdir(), 'passwords-'));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await chronyd?.[Symbol.asyncDispose]();
});

async function start(users: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Serving> {
  const file = join(dir, `${Math.random()}.yml`);
  await writeFile(file, JSON.stringify({ basic_auth_users: users }), { mode: 0o600 });
  const serving = await Serving.start(commandLine, '-h', chronyd.address, '--web-config', file, ...args);
  await serving.ready();
  return serving;
}

function header(pair: string): { readonly authorization: string } {
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function status(serving: Serving, pair: string, from?: string): Promise<number> {
  const place = from === undefined ? {} : { from };
  return (await serving.ask('/api', { headers: header(pair), ...place })).status;
}

/** The CPU time of the server, in seconds, for all threads. */
async function cpuTime({ pid }: Serving): Promise<number> {
  const [, rest = ''] = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ');
  const fields = rest.split(' ');
  // utime and stime, in hundredths
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

describe('a user', () => {
  it('is admitted with the correct password only', async () => {
    const users = {
      ann: await bcryptHash('s3cret'),
      ben: await bcryptHash('pässword: with a colon'),
      cid: (await bcryptHash('older')).replace('$2y$', '$2a$'),
      dan: (await bcryptHash('newer')).replace('$2y$', '$2b$'),
      constructor: await bcryptHash('name'),
      __proto__x: await bcryptHash('name'),
      '': await bcryptHash('nameless'),
    };
    await using serving = await start(users);
    for (const pair of [
      ...['ann:s3cret', 'ben:pässword: with a colon', 'cid:older', 'dan:newer'],
      ...['constructor:name', '__proto__x:name', ':nameless'],
    ]) {
      // the second result comes from the cache
      expect([pair, await status(serving, pair), await status(serving, pair)]).toEqual([pair, 200, 200]);
    }
    for (const pair of [
      ...['ann', 'ann:', 'ann:s3cre', 'ann:s3cret ', 'Ann:s3cret', 'ann:S3cret', ':s3cret', 'eve:s3cret'],
      ...['ben:s3cret', `ann:${users.ann}`, 'toString:x', '__proto__:x', 'ann:s3cret\0', 'cid:newer', ':'],
    ]) {
      expect([pair, await status(serving, pair), await status(serving, pair)]).toEqual([pair, 401, 401]);
    }
    const { headers } = await serving.ask('/metrics');
    expect(headers['www-authenticate']).toBe('Basic realm="chrony-wasm", charset="UTF-8"');
    expect((await serving.ask('/healthz')).status).toBe(200);
  });

  it('can be combined with --basic-auth and --bearer-token', async () => {
    const [plain, tokens] = [join(dir, 'plain'), join(dir, 'tokens')];
    await writeFile(plain, 'ben:two\n', { mode: 0o600 });
    await writeFile(tokens, 'three\n', { mode: 0o600 });
    await using serving = await start(
      { ann: await bcryptHash('one') },
      ...['--basic-auth', plain, '--bearer-token', tokens],
    );
    expect([await status(serving, 'ann:one'), await status(serving, 'ben:two')]).toEqual([200, 200]);
    expect((await serving.ask('/api', { headers: { authorization: 'Bearer three' } })).status).toBe(200);
    expect([await status(serving, 'ann:two'), await status(serving, 'ben:one')]).toEqual([401, 401]);
  });
});

describe('the time of a password check', () => {
  it('is spent once for a password, right or wrong', async () => {
    await using serving = await start({ ann: await bcryptHash('s3cret', 10) });
    for (const [pair, expected] of [
      ['ann:s3cret', 200],
      ['ann:wrong', 401],
    ] as const) {
      expect(await status(serving, pair)).toBe(expected);
      const before = await cpuTime(serving);
      for (let i = 0; i < 50; i++) expect(await status(serving, pair)).toBe(expected);
      // 50 checks would take more than 3 s
      expect((await cpuTime(serving)) - before).toBeLessThan(1.5);
    }
  });

  it('is spent once for simultaneous requests', async () => {
    await using serving = await start({ ann: await bcryptHash('s3cret', 10) });
    const before = await cpuTime(serving);
    const statuses = await Promise.all(Array.from({ length: 60 }, () => status(serving, 'ann:s3cret')));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect((await cpuTime(serving)) - before).toBeLessThan(2);
  });

  it('does not reveal which users exist', async () => {
    await using serving = await start({
      low: await bcryptHash('s3cret', 5),
      ann: await bcryptHash('s3cret', 9),
    });
    // CPU time, because the reply time depends on the load of the machine
    const time = async (user: string): Promise<number> => {
      const before = await cpuTime(serving);
      for (let i = 0; i < 10; i++) expect(await status(serving, `${user}:wrong ${i}`)).toBe(401);
      return (await cpuTime(serving)) - before;
    };
    const known = await time('ann');
    // the second unknown user sends the same wrong passwords as the first one
    for (const unknown of [await time('eve'), await time('eva')]) {
      // without a check, an unknown user would take a twentieth of the time
      expect(unknown / known).toBeGreaterThan(0.6);
      expect(unknown / known).toBeLessThan(1.7);
    }
  });
});

describe('a client that keeps sending wrong passwords', () => {
  /** Sends wrong passwords over many connections until it is stopped. Counts the replies by status. */
  function attack(serving: Serving, from: (n: number) => string, connections: number) {
    const counts = new Map<number, number>();
    let isOver = false;
    const one = async (n: number): Promise<void> => {
      for (let i = 0; !isOver; i++) {
        const reply = await status(serving, `ann:wrong ${n} ${i}`, from(n)).catch(() => 0);
        counts.set(reply, (counts.get(reply) ?? 0) + 1);
      }
    };
    const all = Promise.all(Array.from({ length: connections }, (_, n) => one(n)));
    const stop = async (): Promise<void> => {
      isOver = true;
      await all;
    };
    return { counts, stop };
  }

  it('does not delay users with cached passwords: they are served during a check', async () => {
    // a check that takes at least a second
    await using serving = await start({ ann: await bcryptHash('s3cret', 5), ben: await bcryptHash('x', 14) });
    expect(await status(serving, 'ann:s3cret', '127.0.0.9')).toBe(200);
    let isChecked = false;
    const checking = status(serving, 'ben:wrong', '127.0.0.66').then((result) => {
      isChecked = true;
      return result;
    });
    let answered = 0;
    while (!isChecked) {
      expect(await status(serving, 'ann:s3cret', '127.0.0.9')).toBe(200);
      answered++;
    }
    expect(await checking).toBe(401);
    // a check in the event loop would have delayed all requests but the first
    expect(answered).toBeGreaterThan(20);
  });

  it('delays a new user by at most three checks, and uses half of a CPU core', async () => {
    await using serving = await start({
      ann: await bcryptHash('s3cret', 10),
      ben: await bcryptHash('other', 10),
    });
    const { counts, stop } = attack(serving, () => '127.0.0.66', 16);
    await expect.poll(() => counts.get(401) ?? 0, { timeout: 30_000 }).toBeGreaterThan(2);
    const before = { wall: performance.now(), cpu: await cpuTime(serving) };
    const checked = counts.get(401) ?? 0;
    expect(await status(serving, 'ben:other', '127.0.0.10')).toBe(200);
    expect((counts.get(401) ?? 0) - checked).toBeLessThanOrEqual(3);
    await expect.poll(() => counts.get(401) ?? 0, { timeout: 60_000 }).toBeGreaterThan(checked + 10);
    const load = ((await cpuTime(serving)) - before.cpu) / ((performance.now() - before.wall) / 1000);
    await stop();
    expect(counts.get(429)).toBeGreaterThan(0);
    // half a core for the checks, plus the requests themselves
    expect(load).toBeLessThan(0.9);
  });

  it('at many addresses leaves a place in the queue for others', async () => {
    await using serving = await start({ ann: await bcryptHash('s3cret', 8) });
    // 20 clients with 4 passwords each: more than the queue holds
    const { counts, stop } = attack(serving, (n) => `127.0.1.${Math.floor(n / 4) + 1}`, 80);
    await expect.poll(() => counts.get(429) ?? 0, { timeout: 30_000 }).toBeGreaterThan(0);
    expect(await status(serving, 'ann:s3cret', '127.0.0.9')).toBe(200);
    await stop();
    expect(counts.get(429)).toBeGreaterThan(0);
    expect(serving.log).not.toContain('fault');
  });

  it('that does not wait for replies causes no checks', async () => {
    await using serving = await start({ ann: await bcryptHash('s3cret', 11) });
    const before = await cpuTime(serving);
    for (let i = 0; i < 200; i++) {
      const socket = await serving.connect('127.0.0.66');
      const { authorization } = header(`ann:${i}`);
      socket.write(`GET /api HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`);
      setTimeout(() => socket.destroy(), 5);
    }
    await sleep(1000);
    expect(await status(serving, 'ann:s3cret', '127.0.0.9')).toBe(200);
    // 200 checks would take half a minute
    expect((await cpuTime(serving)) - before).toBeLessThan(5);
  });
});

it('ends while a password is checked', async () => {
  await using serving = await start({ ann: await bcryptHash('s3cret', 14) });
  const pending = status(serving, 'ann:wrong').catch(() => 0);
  await sleep(200);
  serving.kill('SIGTERM');
  expect(await serving.ended).toEqual([0, null]);
  await pending;
  expect(serving.log).not.toContain('fault');
});

describe("under Node's permission model", () => {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const MODEL = [
    '--no-warnings',
    major < 22 ? '--experimental-permission' : '--permission',
    '--allow-fs-read=*',
  ];

  async function config(): Promise<readonly string[]> {
    const file = join(dir, 'permitted.yml');
    const users = { ann: await bcryptHash('s3cret') };
    await writeFile(file, JSON.stringify({ basic_auth_users: users }), { mode: 0o600 });
    return ['-h', chronyd.address, '--web-config', file];
  }

  // since version 25, Node.js also restricts the network
  const NETWORK = major >= 25 ? ['--allow-net'] : [];

  it('the check works with --allow-worker', async () => {
    const script = `node=$1; shift; exec "$node" ${[...MODEL, ...NETWORK, '--allow-worker'].join(' ')} "$@"`;
    const under = ['sh', '-c', script, 'sh'];
    await using serving = await Serving.start({ program: commandLine.program, under }, ...(await config()));
    expect([await status(serving, 'ann:s3cret'), await status(serving, 'ann:wrong')]).toEqual([200, 401]);
  });

  it('the server refuses to start without --allow-worker', async () => {
    const args = [...MODEL, ...NETWORK, commandLine.program, 'serve', '--listen', '0', ...(await config())];
    const { status, stderr } = await run(process.execPath, args);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^chrony-wasm: basic_auth_users needs a thread, [^\n]*add --allow-worker\n$/),
    ]);
  });
});
