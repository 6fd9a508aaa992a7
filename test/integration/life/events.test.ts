/**
 * Events in the life of a chronyd while a program uses it: the program recovers by itself, every failure is reported,
 * and nothing is left pending or open. `make test-life` repeats all events many times.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getTracking } from '../../../src/index.ts';
import { type ScenarioName, startMockChronyd } from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { type Figure, grouped, writeFigures } from '../../support/figures.ts';
import { holdings } from '../../support/holdings.ts';
import { type Account, Workload } from './workload.ts';

const ROUNDS = Number(process.env['LIFE_ROUNDS'] ?? 1);
const CONFIG = [1, 2, 3, 4].map((n) => `server 127.0.0.${n} port 9 offline`);

let chronyd: Chronyd;

beforeEach(async () => {
  chronyd = await Chronyd.start({ config: [...CONFIG, 'local stratum 7'] });
});
afterEach(() => chronyd?.stop());

const figures: Figure[] = [];
afterAll(() => {
  if (ROUNDS > 1) writeFigures('life', figures);
});

type Event = (workload: Workload) => Promise<void>;

/** Runs a mock on chronyd's port for a while. */
async function mockInstead(name: ScenarioName, workload: Workload): Promise<void> {
  await using mock = await startMockChronyd(name, { port: chronyd.commandPort });
  await workload.recovers();
  expect(mock.requests.length).toBeGreaterThan(20);
}

const EVENTS: Readonly<Record<string, Event>> = {
  'killed, and restarted': async (workload) => {
    await chronyd.kill('SIGKILL');
    await workload.fails();
    await chronyd.run();
  },

  'killed and restarted immediately': async () => {
    await chronyd.kill('SIGKILL');
    await chronyd.run();
  },

  'stopped, and restarted': async (workload) => {
    await chronyd.kill();
    await workload.fails();
    await chronyd.run();
  },

  'frozen until calls fail, and thawed': async (workload) => {
    chronyd.freeze();
    await workload.fails();
    chronyd.thaw();
  },

  'frozen and thawed before calls fail': async (workload) => {
    const { failed } = workload.account;
    chronyd.freeze();
    await sleep(150);
    chronyd.thaw();
    await workload.answers();
    expect(workload.account.failed).toBe(failed);
  },

  'replaced by a chronyd with another configuration': async (workload) => {
    await chronyd.kill();
    chronyd.configure({ config: ['local stratum 9'] });
    await chronyd.run();
    await workload.recovers();
    expect(await workload.connection.getTracking()).toHaveProperty('stratum', 9);
    expect(await workload.connection.getSources()).toEqual([]);
  },
};

/** The events that need a mock, which supports only UDP. */
const UDP_EVENTS: Readonly<Record<string, Event>> = {
  'upgraded to a version with newer reply layouts, and downgraded to one with older layouts': async (
    workload,
  ) => {
    await chronyd.kill();
    await mockInstead('many sources', workload);
    await mockInstead('old server', workload);
    await chronyd.run();
  },
};

const UNIX_EVENTS: Readonly<Record<string, Event>> = {
  'running without its socket file, and restarted': async (workload) => {
    // open connections stay connected; new ones find no socket
    rmSync(chronyd.socketPath);
    await expect(getTracking(chronyd.socketPath)).rejects.toThrow('ENOENT; no socket is there');
    await workload.answers();
    await chronyd.kill();
    await workload.fails();
    await chronyd.run();
  },

  'running without its directory, which also contained our sockets, and restarted in a new one': async (
    workload,
  ) => {
    const files = ['chrony.conf', 'keys'].map((name) => join(chronyd.dir, name));
    const contents = files.map((file) => readFileSync(file));
    rmSync(chronyd.dir, { recursive: true });
    await workload.fails();
    await chronyd.kill();
    mkdirSync(chronyd.dir, { mode: 0o700 });
    for (const [i, file] of files.entries()) writeFileSync(file, contents[i] ?? '', { mode: 0o600 });
    await chronyd.run();
  },

  'killed, its socket replaced by a regular file for a while, and restarted': async (workload) => {
    await chronyd.kill('SIGKILL');
    rmSync(chronyd.socketPath);
    writeFileSync(chronyd.socketPath, '');
    await workload.fails();
    rmSync(chronyd.socketPath);
    await chronyd.run();
  },
};

function sum(accounts: readonly Account[], of: (account: Account) => number): number {
  return accounts.reduce((total, account) => total + of(account), 0);
}

describe.each([
  ['UDP', (): string => chronyd.address, { ...EVENTS, ...UDP_EVENTS }],
  ['a Unix socket', (): string => chronyd.socketPath, { ...EVENTS, ...UNIX_EVENTS }],
])('over %s, chronyd is', (transport, address, events) => {
  const accounts: Account[] = [];
  afterAll(() => {
    figures.push({
      what: `chronyd killed, restarted, frozen, replaced under load over ${transport}, ${accounts.length} times`,
      figure:
        `${grouped(sum(accounts, ({ started }) => started))} calls started, ` +
        `${grouped(sum(accounts, ({ started, answered, failed }) => started - answered - failed))} left pending, ` +
        `${grouped(sum(accounts, ({ failed }) => failed))} failed, all with an error of the package; ` +
        'recovered each time, nothing left open',
      command: 'make test-life',
    });
  });

  it.each(Object.entries(events))('%s', { timeout: 120_000 * ROUNDS }, async (_, event) => {
    // the first call loads resources that are kept
    await getTracking(address());
    for (let round = 0; round < ROUNDS; round++) {
      const before = holdings();
      const workload = await Workload.start(address());
      try {
        await event(workload);
        await workload.recovers();
      } finally {
        accounts.push(await workload.close());
      }
      const { started, answered, failed, foreign } = workload.account;
      expect(foreign).toEqual([]);
      expect(answered + failed).toBe(started);
      await expect.poll(holdings).toEqual(before);
      expect(readdirSync(chronyd.dir).filter((name) => name.startsWith('cw-'))).toEqual([]);
      chronyd.configure({ config: [...CONFIG, 'local stratum 7'] });
    }
  });
});
