/**
 * A real chronyd is configured so that a single NTP test of ntpdata fails. The typed report must have the failure under
 * the right name, and the format of chronyc must have it at the right digit.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labelledValues } from '../../../src/chronyc/format.ts';
import { NTPDATA } from '../../../src/chronyc/lines.ts';
import { getNtpData, type NtpData } from '../../../src/index.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FrozenChronyd } from '../../support/frozen.ts';

let server: Chronyd;
beforeAll(async () => {
  server = await Chronyd.start({ config: ['local stratum 1'], serve: true });
});
afterAll(() => server?.stop());

/** The groups of digits in chronyc's CSV: tests 1 to 3, 5 to 7, A to D. */
function digitsOf(csv: string): readonly string[] {
  return csv.trimEnd().split(',').slice(23, 26);
}

it.each([
  // every packet except the fastest exceeds the delay ratio 1
  ['testB', 'maxdelayratio 1.0 maxdelaydevratio 1000000', '1011'],
  // the delay of every packet differs from the expected delay by more than a ten-millionth of its deviation
  ['testC', 'maxdelaydevratio 0.0000001', '1101'],
])('only %s fails with %s', async (failed, options, digits) => {
  await using client = await Chronyd.start({
    config: [`server 127.0.0.1 port ${server.ntpPort} iburst minpoll -4 maxpoll -4 ${options}`],
  });
  let last: NtpData | undefined;
  await client.until(async () => {
    await using frozen = await FrozenChronyd.of(client);
    [last] = await getNtpData(frozen.address);
    const theirs = digitsOf(await installedChronyc().printAt(frozen.port, '-c', 'ntpdata'));
    return theirs.join(' ') === `111 111 ${digits}`;
  }, 10);
  if (last === undefined) throw new Error('the source has no ntpdata');
  const { test1, test2, test3, test5, test6, test7, testA, testB, testC, testD } = last.tests;
  expect([test1, test2, test3, test5, test6, test7, testA, testD]).toEqual(Array(8).fill(true));
  expect([testB, testC]).toEqual([failed !== 'testB', failed !== 'testC']);
  expect(new Map(labelledValues(NTPDATA, last)).get('NTP tests')).toBe(`111 111 ${digits}`);
});
