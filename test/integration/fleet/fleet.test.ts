/** A small fleet of real chronyds: its rows, its topology and its changes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Fleet, type FleetOptions } from '../../../src/fleet/fleet.ts';
import type { ClockRow } from '../../../src/fleet/row.ts';
import { ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { CHAIN, type Chain, startChain, targetOf } from '../../support/chain.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { freePort } from '../../support/ports.ts';
import { Targets } from '../../support/targets.ts';
import { ManyClocks } from '../server/fleet/support.ts';

let chain: Chain;
let top: string;
let middle: string;
let wrong: string;
let leaves: readonly [string, string];

beforeAll(async () => {
  chain = await startChain();
  top = targetOf(CHAIN.top, chain.top);
  middle = targetOf(CHAIN.middle, chain.middle);
  wrong = targetOf(CHAIN.wrong, chain.wrong);
  leaves = [targetOf(CHAIN.leaves[0], chain.leaves[0]), targetOf(CHAIN.leaves[1], chain.leaves[1])];
});
afterAll(() => chain[Symbol.asyncDispose]());

const OPTIONS: FleetOptions = {
  intervalMs: 100,
  sourcesIntervalMs: 60_000,
  thresholds: {},
  chronyd: { timeoutMs: 200, retries: 1 },
};

const never = new AbortController().signal;

/** Runs a fleet during a test. */
async function running(fleet: Fleet, test: () => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  const run = fleet.run(stopping.signal);
  try {
    await test();
  } finally {
    stopping.abort();
    await run;
  }
}

function stateOf(fleet: Fleet, address: string): ClockRow['state'] | undefined {
  return fleet.row(address)?.state;
}

describe('polling all clocks once', () => {
  it('judges the health of each clock', async () => {
    const dead = `127.0.0.1:${await freePort()}`;
    const fleet = new Fleet(new Targets([dead, top, middle, ...leaves]), OPTIONS);
    expect([...fleet.rows()].map(({ state }) => state)).toEqual(Array(5).fill('pending'));
    const progress: number[] = [];
    await fleet.askAll(never, (done) => progress.push(done));
    expect(progress).toEqual([1, 2, 3, 4, 5]);
    expect([...fleet.rows()].map(({ address, state }) => [address, state])).toEqual([
      [dead, 'critical'],
      [top, 'critical'],
      [middle, 'ok'],
      [leaves[0], 'ok'],
      [leaves[1], 'ok'],
    ]);
    expect(fleet.row(dead)).toMatchObject({
      heard: null,
      sources: null,
      reasons: [expect.stringContaining(dead)],
    });
    expect(fleet.row(top)).toMatchObject({
      reasons: expect.arrayContaining([expect.stringContaining('local mode')]),
      referenceAddress: null,
    });
    const leaf = fleet.row(leaves[0]);
    expect(leaf).toMatchObject({
      reasons: [],
      stratum: 3,
      reference: CHAIN.middle,
      referenceAddress: CHAIN.middle,
      ip: CHAIN.leaves[0],
      sourceCount: 3,
    });
    expect(leaf?.sources).toContainEqual({
      address: CHAIN.wrong,
      name: CHAIN.wrong,
      isReferenceClock: false,
      state: 'falseticker',
      stratum: 1,
      isReachable: true,
    });
    expect(leaf?.maxError).toBeGreaterThan(0);
    expect(Math.abs((leaf?.heard ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  it('determines the topology', async () => {
    const fleet = new Fleet(new Targets([wrong, top, middle, ...leaves]), OPTIONS);
    await fleet.askAll(never);
    const { sources, loops, islands } = fleet.topology();
    expect(sources.map(({ address, target, followers }) => [address, target, followers])).toEqual([
      [CHAIN.middle, middle, leaves],
      [CHAIN.top, top, [middle]],
      [CHAIN.wrong, wrong, []],
    ]);
    expect(sources.filter(({ isSuspect }) => isSuspect).map(({ address }) => address)).toEqual([CHAIN.wrong]);
    expect(loops).toEqual([]);
    expect(islands).toEqual([[top, middle, ...leaves]]);
    expect(fleet.topology().sources).toBe(sources);
  });
});

describe('a running fleet', () => {
  it('requests the sources of each clock soon and reports changes', async () => {
    const targets = new Targets([middle]);
    const fleet = new Fleet(targets, OPTIONS);
    const changed: string[][] = [];
    const ignore = fleet.onChange((addresses) => changed.push([...addresses]));
    await running(fleet, async () => {
      await expect.poll(() => fleet.row(middle)?.sources?.length).toBe(1);
      expect(stateOf(fleet, middle)).toBe('ok');
      targets.set([top, middle]);
      expect(stateOf(fleet, top)).toBe('pending');
      await expect.poll(() => changed.flat()).toContain(top);
      await expect.poll(() => stateOf(fleet, top)).toBe('critical');
      targets.set([top]);
      expect(fleet.row(middle)).toBeUndefined();
      await expect.poll(() => changed.at(-1)).toEqual([top]);
    });
    ignore();
  });

  it('never reports missing sources while the sources are unknown', async () => {
    const fleet = new Fleet(new Targets([...leaves, middle]), OPTIONS);
    const seen = new Set<string>();
    fleet.onChange((addresses) => {
      for (const address of addresses)
        for (const reason of fleet.row(address)?.reasons ?? []) seen.add(reason);
    });
    await running(fleet, async () => {
      await expect.poll(() => [...fleet.rows()].every(({ sources }) => sources !== null)).toBe(true);
    });
    expect([...seen]).toEqual([]);
  });

  it('detects that a clock stops, that it recovers and that it has lost its source', async () => {
    const source = `server ${CHAIN.top} port ${chain.top.ntpPort} iburst minpoll -2 maxpoll -1`;
    await using chronyd = await Chronyd.start({ config: [source] });
    await chronyd.untilSynchronized();
    const fleet = new Fleet(new Targets([chronyd.address]), OPTIONS);
    await running(fleet, async () => {
      await expect.poll(() => stateOf(fleet, chronyd.address)).toBe('ok');
      const { heard } = fleet.row(chronyd.address) ?? {};
      chronyd.freeze();
      await expect.poll(() => stateOf(fleet, chronyd.address)).toBe('critical');
      expect(fleet.row(chronyd.address)).toMatchObject({ referenceAddress: CHAIN.top, stratum: 2 });
      chronyd.thaw();
      await expect.poll(() => stateOf(fleet, chronyd.address)).toBe('ok');
      expect(fleet.row(chronyd.address)?.heard).toBeGreaterThan(heard ?? Number.POSITIVE_INFINITY);
      await chronyd.chronyc(['delete', CHAIN.top]);
      // without a reset, chronyd would report the deleted source until its restart
      await chronyd.chronyc(['reset', 'sources']);
      await expect.poll(() => stateOf(fleet, chronyd.address)).toBe('critical');
    });
  });
});

describe('a hostile chronyd', () => {
  it('with many sources and invalid names: only 64 sources are kept, including the selected one', async () => {
    const sources = Array.from({ length: 300 }, (_, i) =>
      ntpSource(`198.51.${100 + (i >> 8)}.${i & 255}`, {
        source: { state: i === 250 ? 'selected' : 'unselected' },
        name: '\x1b[2J\u009b31m\n',
      }),
    );
    await using mock = await startMockChronyd(
      scenario('synchronized', { sources, tracking: { referenceIp: '198.51.100.250' } }),
    );
    const fleet = new Fleet(new Targets([mock.address]), OPTIONS);
    await fleet.askAll(never);
    const row = fleet.row(mock.address);
    expect(row).toMatchObject({ state: 'ok', sourceCount: 300, referenceAddress: '198.51.100.250' });
    expect(row?.sources).toHaveLength(64);
    expect(row?.sources?.at(-1)).toMatchObject({ address: '198.51.100.250', state: 'selected' });
    expect(JSON.stringify([row, fleet.topology()])).not.toMatch(/\p{Cc}|\\u00/u);
  });

  it('with contradictory replies: each reply is judged by itself, and the sources are requested again', async () => {
    const other = [ntpSource('192.0.2.99', { source: { state: 'selected' } })];
    await using mock = await startMockChronyd('synchronized');
    const fleet = new Fleet(new Targets([mock.address]), { ...OPTIONS, sourcesIntervalMs: 3_600_000 });
    await running(fleet, async () => {
      await expect.poll(() => fleet.row(mock.address)?.sources?.length).toBeGreaterThan(0);
      const refTime = Date.now() / 1000;
      mock.scenario = scenario(mock.scenario, {
        sources: other,
        tracking: { referenceIp: '192.0.2.99', refTime },
      });
      await expect
        .poll(() => fleet.row(mock.address)?.sources?.map(({ address }) => address))
        .toEqual(['192.0.2.99']);
      expect(stateOf(fleet, mock.address)).toBe('ok');
    });
  });

  it('that refuses to report its sources: it is judged without them', async () => {
    await using mock = await startMockChronyd(scenario('synchronized', { unauthorized: ['sources'] }));
    const fleet = new Fleet(new Targets([mock.address]), OPTIONS);
    await fleet.askAll(never);
    expect(fleet.row(mock.address)).toMatchObject({
      state: 'ok',
      reasons: [],
      sources: null,
      sourceCount: null,
    });
    mock.scenario = scenario('unsynchronized', { unauthorized: ['sources'] });
    await fleet.askAll(never);
    expect(fleet.row(mock.address)).toMatchObject({
      state: 'critical',
      reasons: ['not synchronized: follows no source (chronyc sources says why)'],
    });
  });
});

it('targets that are silent or cannot be resolved do not delay the others', async () => {
  await using clocks = await ManyClocks.start('varied');
  const silent = clocks.silent(200);
  const nowhere = Array.from({ length: 50 }, (_, i) => `nobody${i}.invalid`);
  const answering = clocks.targets(200);
  // the silent targets come first in each round, and their requests stay pending for longer than the test takes
  const targets = new Targets([...silent, ...nowhere, ...answering]);
  const fleet = new Fleet(targets, { ...OPTIONS, chronyd: { timeoutMs: 600_000, retries: 0 } });
  const heard = (): number[] => answering.map((address) => fleet.row(address)?.heard ?? 0);
  await running(fleet, async () => {
    for (let round = 0; round < 3; round++) {
      const before = heard();
      await expect.poll(() => heard().every((time, i) => time > (before[i] ?? time))).toBe(true);
    }
  });
  expect(silent.map((address) => stateOf(fleet, address))).toEqual(silent.map(() => 'pending'));
});
