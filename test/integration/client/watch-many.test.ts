/** watchMany() with real chronyds that start and stop, and with targets that are added and removed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PollResult, type ReportName, type ReportValues, watchMany } from '../../../src/index.ts';
import { Chronyd } from '../../support/chronyd.ts';

let first: Chronyd;
let second: Chronyd;

beforeAll(async () => {
  first = await Chronyd.start({ config: ['local stratum 3'] });
  second = await Chronyd.start({ config: ['local stratum 5', 'server 127.0.0.2 port 9 offline'] });
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
});

/** Collects all outcomes until the test ends. */
function taking<Name extends ReportName>(targets: Iterable<string>, report: Name, includeUnchanged = false) {
  const taken: PollResult<ReportValues[Name]>[] = [];
  const outcomes = watchMany(targets, report, {
    intervalMs: 50,
    timeoutMs: 500,
    retries: 1,
    includeUnchanged,
  });
  const ended = (async () => {
    for await (const outcome of outcomes) taken.push(outcome);
  })();
  return {
    taken,
    [Symbol.asyncDispose]: async () => {
      await outcomes.return();
      await ended;
    },
  };
}

describe('changes', () => {
  it('are reported when a chronyd stops and starts', async () => {
    await using watch = taking([first.address, second.address], 'activity');
    const last = () => watch.taken.at(-1);
    await expect.poll(() => watch.taken).toHaveLength(2);
    const offline = Object.fromEntries(watch.taken.map(({ address, value }) => [address, value?.offline]));
    expect(offline).toEqual({ [first.address]: 0, [second.address]: 1 });
    await second.kill();
    await expect.poll(last).toMatchObject({
      address: second.address,
      value: null,
      error: { code: 'ERR_CHRONY_CONNECTION' },
    });
    await second.run();
    await expect.poll(last).toMatchObject({ address: second.address, value: { offline: 1 }, error: null });
    await second.chronyc(['online']);
    await expect.poll(last).toMatchObject({ address: second.address, value: { online: 1, offline: 0 } });
    await second.chronyc(['offline']);
    await expect.poll(last).toMatchObject({ address: second.address, value: { online: 0, offline: 1 } });
    expect(watch.taken.filter(({ address }) => address === first.address)).toHaveLength(1);
  });

  it('are reported when targets are added and removed', async () => {
    const targets = new Set([first.address]);
    await using watch = taking(targets, 'activity');
    await expect.poll(() => watch.taken).toMatchObject([{ address: first.address, error: null }]);
    targets.add(second.socketPath);
    await expect.poll(() => watch.taken[1]).toMatchObject({ address: second.socketPath });
    targets.delete(first.address);
    await first.kill();
    targets.add(second.address);
    await expect.poll(() => watch.taken[2]).toMatchObject({ address: second.address, error: null });
    await second.chronyc(['online']);
    await expect.poll(() => watch.taken.at(-1)).toMatchObject({ value: { online: 1 } });
    // if it were still polled, a refusal would have been reported by now
    expect(watch.taken.filter(({ address }) => address === first.address)).toHaveLength(1);
    await first.run();
    targets.add(first.address);
    await expect.poll(() => watch.taken.at(-1)).toMatchObject({ address: first.address, error: null });
    await second.chronyc(['offline']);
  });
});

it.each(['tracking', 'sources', 'sourcestats'] as const)('polls %s repeatedly', async (report) => {
  await using watch = taking([second.address], report, true);
  await expect.poll(() => watch.taken.length).toBeGreaterThan(3);
  for (const { value, error } of watch.taken) {
    expect(error).toBe(null);
    expect(Array.isArray(value)).toBe(report !== 'tracking');
  }
});

it('continues while a chronyd is frozen and names cannot be resolved', async () => {
  const names = Array.from({ length: 150 }, (_, i) => `n${i}.invalid`);
  second.freeze();
  try {
    await using watch = taking([...names, second.address, first.address], 'tracking', true);
    const of = (wanted: string) => watch.taken.filter(({ address }) => address === wanted);
    await expect.poll(() => of(second.address)[0]).toMatchObject({ error: { code: 'ERR_CHRONY_TIMEOUT' } });
    const before = of(first.address).length;
    await expect.poll(() => of(first.address).length).toBeGreaterThan(before + 5);
    for (const { address, value, error } of watch.taken) {
      if (address === first.address) expect(value?.stratum).toBe(3);
      else if (address !== second.address) expect(error?.code).toBe('ERR_CHRONY_RESOLVE');
    }
  } finally {
    second.thaw();
  }
});
