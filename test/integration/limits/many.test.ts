/** The maximum number of sources, and the number of calls that a program may make by mistake. */
import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { startMockChronyd } from '../../../src/testing/index.ts';
import { encodeReply } from '../../../src/testing/reply.ts';
import { Chronyd } from '../../support/chronyd.ts';

const NUMBER_OF_SOURCES = 14;
const MOST = 65_536;

function addressOf(index: number): string {
  return `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
}

/** A mock with this number of sources. A scenario with as many would take longer to start than the rest of the test. */
function withSources(sources: number) {
  return startMockChronyd('synchronized', {
    intercept: (request) => {
      if (request.code === NUMBER_OF_SOURCES) return [encodeReply(2, request, { sources })];
      const { buffer, byteOffset } = request.datagram;
      const index = new DataView(buffer, byteOffset).getUint32(20);
      return [encodeReply(3, request, { address: addressOf(index) })];
    },
  });
}

it('reads 65 536 sources, each once and in order; one more is an error', async () => {
  await using mock = await withSources(MOST);
  await using chrony = await ChronyConnection.open({ address: mock.address, timeoutMs: 10_000 });
  const sources = await chrony.getSources();
  expect(sources.map(({ address }) => address)).toEqual(Array.from({ length: MOST }, (_, i) => addressOf(i)));
  await using more = await withSources(MOST + 1);
  await using another = await ChronyConnection.open(more.address);
  await expect(another.getSources()).rejects.toThrow('65537 sources, but chronyd has at most 65536');
  expect(more.requests).toHaveLength(1);
});

it.each(['address', 'socketPath'] as const)(
  'answers the rest of 10 000 queued calls by %s after half of them were aborted',
  async (by) => {
    await using chronyd = await Chronyd.start({ config: ['local stratum 7'] });
    await using chrony = await ChronyConnection.open({ address: chronyd[by], timeoutMs: 10_000 });
    const [kept, given] = [new AbortController(), new AbortController()];
    const enough = new Error('enough');
    const calls = Array.from({ length: 10_000 }, (_, i) =>
      chrony.getTracking({ signal: (i % 2 === 0 ? kept : given).signal }),
    );
    // some calls are answered before the abort
    await calls[100];
    given.abort(enough);
    const outcomes = await Promise.allSettled(calls);
    const stratum = (outcome: (typeof outcomes)[number]) =>
      outcome.status === 'fulfilled' ? outcome.value.stratum : outcome.reason;
    const [even, odd] = [0, 1].map((rest) => outcomes.filter((_, i) => i % 2 === rest).map(stratum));
    expect(new Set(even)).toEqual(new Set([7]));
    expect(new Set(odd)).toEqual(new Set([7, enough]));
    expect(odd?.filter((each) => each === enough).length).toBeGreaterThan(4000);
    expect((await chrony.getTracking()).stratum).toBe(7);
    for (const { signal } of [kept, given]) expect(getEventListeners(signal, 'abort')).toEqual([]);
  },
);
