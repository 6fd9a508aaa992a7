/** Whatever is asked of the package, only questions reach chronyd: no request that would change anything. */
import { expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { askAll } from '../../support/getters.ts';

/** The protocol's requests that only ask. 65, for the name of a source, no report needs. */
const QUESTIONS: ReadonlySet<number> = new Set([14, 15, 33, 34, 35, 44, 51, 54, 57, 67, 69]);

it.each(['many sources', 'old server', 'permission denied', 'gps', 'nts'] as const)(
  'every method and every report, %s',
  async (scenario) => {
    await using mock = await startMockChronyd(scenario);
    const chrony = await ChronyConnection.open(mock.address);
    await Promise.allSettled(askAll(chrony));
    await chrony.close();
    expect(mock.requests.length).toBeGreaterThan(20);
    expect(
      [...new Set(mock.requests.map(({ code }) => code))].filter((code) => !QUESTIONS.has(code)),
    ).toEqual([]);
    for (const { datagram } of mock.requests) expect([...datagram.slice(0, 2)]).toEqual([6, 1]);
  },
);
