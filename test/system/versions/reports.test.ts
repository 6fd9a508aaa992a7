/** Compares every report of two real chronyds of one version with the chronyc of that version and with the newest chronyc. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChronyConnection, getSelectData } from '../../../src/index.ts';
import { printed, printedLikeChronyc } from '../../integration/cli/support.ts';
import { Chronyc, findChrony, installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { tellCompared } from '../../support/compared.ts';
import { COMMANDS, compareAll, PER_SOURCE, printedBy } from '../../support/every-way.ts';
import { FrozenChronyd } from '../../support/frozen.ts';
import { getters, names } from '../../support/getters.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { compareColumns } from '../../support/typed-reports.ts';
import { NEWEST, SUITES } from './suites.ts';

const own = installedChronyc();
const newest = new Chronyc(findChrony(NEWEST));

/** The reports of each version that the newest chronyc cannot read, but this package can. */
const READ_BY_OURS_ALONE: Readonly<Record<string, readonly string[]>> = {
  [SUITES.bullseye]: ['serverstats', 'ntpdata'],
  [SUITES.bookworm]: ['serverstats', 'ntpdata'],
};

/** All reports except that of the real-time clock, which is not available. Every version has the other reports. */
const WITHOUT = new Set(['rtcdata']);

let pair: Pair;
beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair?.[Symbol.asyncDispose]());

it(`chrony ${own.version} is the version of its suite`, () => {
  const suite = process.env['CHRONY_SUITE'] as keyof typeof SUITES;
  expect(pair.client.version()).toBe(own.version);
  if (suite === NEWEST) expect(own.isSince(SUITES[suite])).toBe(true);
  else expect(own.version).toBe(SUITES[suite]);
});

describe(`chronyd ${own.version} and its own chronyc`, () => {
  it('match while chronyd follows its source', async (context) => {
    const { compared, without } = await compareAll(own, pair.client, printedLikeChronyc);
    expect(without).toEqual(WITHOUT);
    tellCompared(context, own.version, compared);
  });

  it('match while chronyd is offline', async (context) => {
    await pair.client.chronyc(['offline'], []);
    const { compared, without } = await compareAll(own, pair.client, printedLikeChronyc);
    await pair.client.chronyc(['online'], []);
    expect(without).toEqual(WITHOUT);
    tellCompared(context, own.version, compared);
    await pair.client.untilSynchronized();
  });

  it('match for the server, which has no sources', async (context) => {
    const { compared, without } = await compareAll(own, pair.server, printedLikeChronyc);
    expect(without).toEqual(new Set(['ntpdata 127.0.0.1', 'rtcdata', 'smoothing']));
    tellCompared(context, own.version, compared);
  });

  it.each(names)('agree on the values of %s', async (name) => {
    await using frozen = await FrozenChronyd.of(pair.client);
    const flags = PER_SOURCE.includes(name) ? ['-a'] : [];
    const theirs = await printedBy(own, frozen.port, [['-c', name, ...flags]]);
    const chrony = await ChronyConnection.open(frozen.address);
    const ours = await getters[name](chrony);
    await chrony.close();
    if (theirs === null) return expect([name, ours]).toEqual(['rtcdata', null]);
    const lines = theirs.trimEnd().split('\n').filter(Boolean);
    expect(lines).not.toEqual([]);
    compareColumns(
      name,
      ours,
      lines.map((line) => line.split(',')),
    );
  });
});

describe(`chronyd ${own.version} and the newest chronyc, ${newest.version}`, () => {
  /** The reports with an older reply format, which this package reads but the newest chronyc does not. */
  const unreadable = [
    ...(own.replies.serverStatsReply === newest.replies.serverStatsReply ? [] : ['serverstats']),
    ...(own.replies.ntpDataReply === newest.replies.ntpDataReply ? [] : ['ntpdata']),
  ];

  it('this package prints the same as chronyc, byte for byte', async (context) => {
    const commands = COMMANDS.filter((command) => !command.some((word) => unreadable.includes(word)));
    const { compared, without } = await compareAll(newest, pair.client, printed, commands);
    expect(without).toEqual(WITHOUT);
    tellCompared(context, newest.version, compared);
  });

  it(`chronyc cannot read: ${unreadable.join(', ') || 'nothing'}`, async () => {
    for (const name of unreadable) {
      const { status, stdout } = await newest.run('-h', pair.client.socketPath, name);
      expect([status, stdout]).toEqual([1, '508 Bad reply from daemon\n']);
      expect(await printed(pair.client.socketPath, name)).not.toBe('');
    }
    expect(unreadable).toEqual(READ_BY_OURS_ALONE[own.version] ?? []);
  });
});

if (own.isSince('4.9')) {
  it('both give the state r for a source with an unacceptable stratum', async (context) => {
    await using client = await Chronyd.start({
      config: [`server 127.0.0.1 port ${pair.server.ntpPort} iburst minpoll -2 maxpoll -1`, 'minstratum 5'],
    });
    await client.until(async () => (await client.chronyc(['selectdata'])).startsWith('r,'));
    const [state] = await getSelectData(client.socketPath);
    expect(state?.state).toBe('stratum out of range');
    const { compared } = await compareAll(own, client, printed);
    tellCompared(context, own.version, compared);
  });
}
