/** Each listed difference from the newest chronyc exists in the versions that it is listed for, so that none is obsolete. */
import { expect, it } from 'vitest';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { printed } from '../../integration/cli/support.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { asPrintedBy, DIFFERENCES, differencesOf } from '../../support/differences.ts';

const own = installedChronyc();
const theirs = differencesOf(own.version);

/** The number of differences in each version. */
const COUNTS: Readonly<Record<string, number>> = { '4.0': 2, '4.3': 1, '4.6.1': 1 };

it(`chronyc ${own.version} has the known number of differences`, () => {
  expect(theirs).toHaveLength(COUNTS[own.version] ?? 0);
});

it.each(DIFFERENCES)(`chronyc ${own.version}: $what, from $from until $until`, async (difference) => {
  await using mock = await startMockChronyd(scenario('synchronized', own.replies));
  const others = theirs.filter((each) => each !== difference);
  const commands = [difference.example, ['-c', ...difference.example]];
  let seen = false;
  for (const command of commands) {
    const text = await own.print('-h', '127.0.0.1', '-p', String(mock.port), ...command);
    const ours = await printed(mock.address, ...command);
    expect(asPrintedBy(own.version, command, ours)).toBe(text);
    if (asPrintedBy(own.version, command, ours, others) !== text) seen = true;
  }
  expect(seen).toBe(theirs.includes(difference));
});
