/** Each of the ten reports equals the output of the real chronyc for the same chronyd. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection, ChronyPermissionError, getSmoothing } from '../../../src/index.ts';
import {
  type MockChronyd,
  type ScenarioName,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { scenarios } from '../../../src/testing/scenarios.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { columns } from '../../support/columns.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { getters, type Name, names } from '../../support/getters.ts';
import { type Pair, sandwiched, startPair } from '../../support/pair.ts';
import { compareColumns } from '../../support/typed-reports.ts';

/** By default chronyd answers these only over its Unix socket. */
const guarded: readonly Name[] = ['selectdata', 'authdata', 'ntpdata', 'serverstats'];

/** By default chronyc omits sources with an unresolved name from these. */
const perSource: readonly Name[] = ['sources', 'sourcestats', 'selectdata', 'authdata'];

describe('a live chronyd', () => {
  let pair: Pair;
  let chrony: ChronyConnection;

  beforeAll(async () => {
    pair = await startPair();
    chrony = await ChronyConnection.open(pair.client.address);
  });
  afterAll(async () => {
    await chrony?.close();
    await pair?.[Symbol.asyncDispose]();
  });

  it.each(['sources', 'sourcestats', 'activity'] as const)(
    '%s equals the output of chronyc',
    async (name) => {
      const { ours, chronyc } = await sandwiched<unknown>(pair.client, name, () => getters[name](chrony));
      compareColumns(name, ours, chronyc);
    },
  );

  it('smoothing, which changes continuously, equals the output of chronyc for frozen replies', async () => {
    await using frozen = await FrozenChronyd.of(pair.client);
    const line = await installedChronyc().printAt(frozen.port, '-c', 'smoothing');
    compareColumns('smoothing', await getSmoothing(frozen.address), [line.trimEnd().split(',')]);
  });

  it('has three sources: a selected one, an unreachable one and a reference clock', async () => {
    const all = await chrony.getSources();
    expect(all.map(({ address }) => address).sort()).toEqual(['127.0.0.1', '127.0.0.2', 'GPS']);
    const [selected, silent, clock] = all.toSorted((a, b) => a.address.localeCompare(b.address));
    expect(selected?.isSelected()).toBe(true);
    expect(selected?.isReachable()).toBe(true);
    expect(silent).toMatchObject({ mode: 'client', reachability: 0, lastSampleAgo: null });
    expect(silent?.isReachable()).toBe(false);
    expect(clock).toMatchObject({ mode: 'reference clock', poll: 4 });
  });

  it('rtcdata is null without a real-time clock', async () => {
    expect(await chrony.getRtcData()).toBeNull();
  });

  it('smoothing is null if it is not configured', async () => {
    const server = await ChronyConnection.open(pair.server.address);
    expect(await server.getSmoothing()).toBeNull();
    await expect(server.getReport('smoothing')).rejects.toMatchObject({
      name: 'ChronyDataError',
      errorCode: 10,
    });
    await server.close();
  });

  describe('over its Unix socket', () => {
    let overUnix: ChronyConnection;

    beforeAll(async () => {
      overUnix = await ChronyConnection.open(pair.client.socketPath);
    });
    afterAll(() => overUnix?.close());

    it.each(['selectdata', 'authdata', 'ntpdata', 'sources', 'activity'] as const)(
      '%s equals the output of chronyc',
      async (name) => {
        const { ours, chronyc } = await sandwiched<unknown>(pair.client, name, () => getters[name](overUnix));
        compareColumns(name, ours, chronyc);
      },
    );

    it('serverstats, whose counters grow with every request, lies between two outputs of chronyc', async () => {
      const read = async () => (await pair.client.chronyc(['serverstats'])).trimEnd().split(',').map(Number);
      const before = await read();
      const ours = columns.serverstats(await overUnix.getServerStats()).map(Number);
      const after = await read();
      expect(ours).toHaveLength(before.length);
      for (const [i, value] of ours.entries()) {
        expect(value).toBeGreaterThanOrEqual(before[i] ?? Number.NaN);
        expect(value).toBeLessThanOrEqual(after[i] ?? Number.NaN);
      }
      const [, , commandsBefore = 0] = before;
      expect(ours[2]).toBeGreaterThan(commandsBefore);
    });

    it('authdata and ntpdata omit the reference clock and contain the address of each source', async () => {
      const servers = (await overUnix.getSources()).filter(({ mode }) => mode === 'client');
      const addresses = servers.map(({ address }) => address);
      expect((await overUnix.getAuthData()).map(({ address }) => address)).toEqual(addresses);
      // an old chronyd learns the address of a source from its first reply
      const known = (address: string) => installedChronyc().isSince('4.3') || address !== '127.0.0.2';
      const expected = addresses.map((address) => (known(address) ? address : ''));
      expect((await overUnix.getNtpData()).map(({ remoteAddress }) => remoteAddress)).toEqual(expected);
      const [keyed] = (await overUnix.getAuthData()).filter(({ mode }) => mode === 'symmetric key');
      expect(keyed).toMatchObject({
        address: '127.0.0.1',
        keyId: 1,
        keyType: 'SHA1',
        keyLength: 160,
        nak: false,
      });
    });

    it('every report is available, except rtcdata, which is null', async () => {
      for (const name of names) {
        if (name === 'rtcdata') expect(await overUnix.getRtcData()).toBeNull();
        else expect(await getters[name](overUnix)).toBeTruthy();
      }
    });
  });

  it.each(guarded)('%s is denied over UDP; the error names the solutions', async (name) => {
    const error = await getters[name](chrony).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ChronyPermissionError);
    expect(error).toHaveProperty('errorCode', 9);
    expect(error).toHaveProperty('message', expect.stringMatching(/Unix socket.*opencommands/));
  });

  it('getReport() returns named fields for every permitted report', async () => {
    expect(chrony.reports).toEqual(names);
    for (const name of chrony.reports) {
      if (guarded.includes(name as Name)) {
        await expect(chrony.getReport(name)).rejects.toThrow(ChronyPermissionError);
      } else if (name === 'rtcdata') {
        await expect(chrony.getReport(name)).rejects.toMatchObject({ errorCode: 10 });
      } else {
        const records = await chrony.getReport(name);
        expect(records).toHaveLength(name.startsWith('source') ? 3 : 1);
        for (const field of records.flat()) expect(field.name).not.toBe('');
      }
    }
  });
});

/** The scenarios in which every report is answered. */
const answering = (Object.keys(scenarios) as ScenarioName[]).filter(
  (name) => !['silence', 'garbage', 'loss', 'permission denied', 'old server'].includes(name),
);

describe.each(answering)('the mock in scenario %s', (scenarioName) => {
  let mock: MockChronyd;

  beforeAll(async () => {
    mock = await startMockChronyd(scenario(scenarioName, installedChronyc().replies));
  });
  afterAll(() => mock?.close());

  it.each(names)('%s equals the output of chronyc', async (name) => {
    // -a: includes the sources with an unresolved name
    const command = perSource.includes(name) ? [name, '-a'] : [name];
    const printed = await installedChronyc().run(
      '-h',
      '127.0.0.1',
      '-p',
      String(mock.port),
      '-c',
      ...command,
    );
    const chrony = await ChronyConnection.open(mock.address);
    const ours = await getters[name](chrony);
    await chrony.close();
    if (ours === null) return expect(printed.stdout).toMatch(/^5\d\d /);
    const lines = printed.stdout.trimEnd().split('\n').filter(Boolean);
    compareColumns(
      name,
      ours,
      lines.map((line) => line.split(',')),
    );
  });
});
