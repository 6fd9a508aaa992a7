/** The topology of a fleet: small examples, and properties of any fleet. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClockRow, Topology } from '../../../src/fleet/row.ts';
import { topologyOf } from '../../../src/fleet/topology.ts';
import { clock, follower, host, inLocalMode, source, withReferenceClock } from './rows.ts';

/** The followers of each source. */
function followersIn({ sources }: Topology): Record<string, readonly string[]> {
  return Object.fromEntries(sources.map(({ address, followers }) => [address, followers]));
}

const [A, B, C, D, E] = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.5'] as const;
const OUTSIDE = '198.51.100.1';
const targetOf = (ip: string): string => `${ip}:323`;

describe('sources', () => {
  it('of a chain are described in full', () => {
    const topology = topologyOf([follower(C, B), follower(B, A), withReferenceClock(A, 'GPS')]);
    expect(topology.sources).toEqual([
      {
        address: A,
        name: null,
        target: targetOf(A),
        followers: [targetOf(B)],
        users: 1,
        falseticker: 0,
        unreachable: 0,
        stratum: 1,
        isSuspect: false,
      },
      expect.objectContaining({
        address: `${targetOf(A)} GPS`,
        target: null,
        followers: [targetOf(A)],
        stratum: 0,
      }),
      expect.objectContaining({ address: B, target: targetOf(B), followers: [targetOf(C)] }),
    ]);
    expect(topology.loops).toEqual([]);
    expect(topology.islands).toEqual([]);
  });

  it('of a star are sorted by followers, then by users', () => {
    const { sources } = topologyOf([
      follower(A, OUTSIDE, [source('198.51.100.3', { name: 'c.example' })]),
      follower(B, OUTSIDE, [
        source('198.51.100.2', { isReachable: false, stratum: 0, state: 'nonselectable' }),
      ]),
      follower(C, '198.51.100.4', [source('198.51.100.2', { stratum: 2 }), source(OUTSIDE)]),
    ]);
    expect(sources.map(({ address, users }) => [address, users])).toEqual([
      [OUTSIDE, 3],
      ['198.51.100.4', 1],
      ['198.51.100.2', 2],
      ['198.51.100.3', 1],
    ]);
    expect(sources[0]).toMatchObject({ target: null, followers: [targetOf(A), targetOf(B)] });
    expect(sources[2]).toMatchObject({ unreachable: 1, stratum: 2 });
    expect(sources[3]).toMatchObject({ name: 'c.example' });
  });

  it('include one reference clock per host, even with the same name', () => {
    const topology = topologyOf([withReferenceClock(A, 'PPS'), withReferenceClock(B, 'PPS')]);
    expect(followersIn(topology)).toEqual({
      [`${targetOf(A)} PPS`]: [targetOf(A)],
      [`${targetOf(B)} PPS`]: [targetOf(B)],
    });
  });

  it('are taken from tracking if the sources report is unknown', () => {
    const unknown = { sources: null, sourceCount: null };
    const topology = topologyOf([
      { ...follower(A, OUTSIDE), ...unknown },
      { ...withReferenceClock(B, 'GPS'), ...unknown },
      { ...inLocalMode(C), ...unknown },
      clock('never.example', { ...unknown, heard: null, stratum: null, state: 'pending' }),
    ]);
    expect(followersIn(topology)).toEqual({
      [OUTSIDE]: [targetOf(A)],
      [`${targetOf(B)} GPS`]: [targetOf(B)],
    });
    expect(topology.sources).toMatchObject([{ users: 1, stratum: null }, { users: 1 }]);
  });

  it('are matched to targets by the resolved IP address, in any notation', () => {
    const { sources } = topologyOf([
      clock('ntp.example:323', { ip: '2001:DB8:0::0:1', reference: 'GPS', stratum: 1 }),
      follower(A, '2001:db8::1'),
    ]);
    expect(sources[0]).toMatchObject({ address: '2001:db8::1', target: 'ntp.example:323' });
  });

  it('are counted once per clock', () => {
    const { sources } = topologyOf([follower(A, OUTSIDE, [source(OUTSIDE), source(OUTSIDE)])]);
    expect(sources).toMatchObject([{ users: 1, followers: [targetOf(A)] }]);
  });

  it('have the stratum that most of their users report', () => {
    const seen = [3, 2, 3, 1].map((stratum, i) =>
      host(`192.0.2.${i + 1}`, { sources: [source(OUTSIDE, { stratum })] }),
    );
    expect(topologyOf(seen).sources[0]?.stratum).toBe(3);
    expect(topologyOf(seen.slice(0, 2)).sources[0]?.stratum).toBe(2);
  });
});

describe('a suspected source', () => {
  const accused = source(OUTSIDE, { state: 'falseticker' });
  const suspects = (rows: readonly ClockRow[]): string[] =>
    topologyOf(rows)
      .sources.filter(({ isSuspect }) => isSuspect)
      .map(({ address }) => address);

  it.each<[string, readonly ClockRow[], boolean]>([
    ['two of two call it a falseticker', [follower(A, E, [accused]), follower(B, E, [accused])], true],
    ['only one of one calls it a falseticker', [follower(A, E, [accused])], false],
    [
      'two of two call it a falseticker, regardless of its own followers',
      [follower(A, E, [accused]), follower(B, E, [accused]), follower(C, OUTSIDE), follower(D, OUTSIDE)],
      true,
    ],
    [
      'two of four call it a falseticker',
      [
        follower(A, E, [accused]),
        follower(B, E, [accused]),
        ...[C, D].map((ip) => follower(ip, E, [source(OUTSIDE)])),
      ],
      true,
    ],
    [
      'two of five call it a falseticker',
      [
        ...[A, B].map((ip) => follower(ip, E, [accused])),
        ...[C, D, '192.0.2.6'].map((ip) => follower(ip, E, [source(OUTSIDE)])),
      ],
      false,
    ],
  ])('%s: %#', (_, rows, isSuspect) => {
    expect(suspects(rows)).toEqual(isSuspect ? [OUTSIDE] : []);
  });
});

describe('loops', () => {
  it('of two clocks, with a follower outside the loop', () => {
    const topology = topologyOf([follower(A, B), follower(B, A), follower(C, A)]);
    expect(topology.loops).toEqual([[targetOf(A), targetOf(B)]]);
    expect(topology.islands).toEqual([[A, B, C].map(targetOf)]);
  });

  it('of three and of two clocks in one fleet', () => {
    const topology = topologyOf([
      follower(A, B),
      follower(B, C),
      follower(D, E),
      follower(C, A),
      follower(E, D),
    ]);
    expect(topology.loops).toEqual([[A, B, C].map(targetOf), [D, E].map(targetOf)]);
    expect(topology.islands).toEqual(topology.loops);
  });

  it('are found when the search starts outside of them', () => {
    const topology = topologyOf([follower(C, A), follower(A, B), follower(B, A)]);
    expect(topology.loops).toEqual([[A, B].map(targetOf)]);
  });

  it('exclude a clock that reports itself as its source', () => {
    expect(topologyOf([follower(A, A), follower(B, A)])).toMatchObject({ loops: [], islands: [] });
  });
});

describe('islands', () => {
  it('are a server in local mode and its followers', () => {
    const rows = [follower(C, B), follower(B, A), inLocalMode(A), follower(D, OUTSIDE), inLocalMode(E)];
    expect(topologyOf(rows).islands).toEqual([[C, B, A].map(targetOf)]);
  });

  it.each<[string, ClockRow]>([
    ['a reference clock', withReferenceClock(A, 'GPS')],
    ['another host', follower(A, OUTSIDE)],
    ['an unknown clock', host(A, { heard: null, state: 'critical', stratum: null, sources: null })],
  ])('do not exist with %s at the top', (_, top) => {
    expect(topologyOf([top, follower(B, A), follower(C, B)]).islands).toEqual([]);
  });
});

/** Fleets of up to twenty clocks; each one follows a clock, itself, an external source, a reference clock or nothing. */
const fleets = fc
  .array(fc.record({ leader: fc.nat(24), others: fc.array(fc.nat(24), { maxLength: 4 }) }), { maxLength: 20 })
  .map((clocks) =>
    clocks.map(({ leader, others }, i) => {
      const ip = `192.0.2.${i}`;
      const sources = others.map((other) =>
        source(`192.0.2.${other}`, { state: other % 3 ? 'unselected' : 'falseticker' }),
      );
      if (leader === 24) return inLocalMode(ip);
      if (leader === 23) return withReferenceClock(ip, 'GPS');
      return follower(ip, `192.0.2.${leader}`, sources);
    }),
  );

describe('any fleet', () => {
  it('contains each clock as a follower of at most one source, in at most one loop and one island', () => {
    fc.assert(
      fc.property(fleets, (rows) => {
        const { sources, loops, islands } = topologyOf(rows);
        for (const group of [sources.map(({ followers }) => followers), loops, islands]) {
          const all = group.flat();
          expect(new Set(all).size).toBe(all.length);
        }
        for (const { followers, users, falseticker, unreachable } of sources) {
          expect(users).toBeGreaterThanOrEqual(Math.max(followers.length, falseticker, unreachable));
        }
      }),
    );
  });

  it('has loops that are cycles of leaders, and islands that follow nothing outside', () => {
    fc.assert(
      fc.property(fleets, (rows) => {
        const leader = new Map(
          rows.map(({ address, referenceAddress }) => [address, `${referenceAddress}:323`]),
        );
        const { loops, islands } = topologyOf(rows);
        for (const loop of loops) {
          expect(loop.map((address) => leader.get(address))).toEqual([...loop.slice(1), loop[0]]);
        }
        for (const island of islands) {
          for (const address of island) expect(['null:323', ...island]).toContain(leader.get(address));
        }
        // a loop follows nothing outside
        for (const loop of loops)
          expect(islands.some((island) => loop.every((each) => island.includes(each)))).toBe(true);
      }),
    );
  });

  it('gives the same result for any order of the clocks, except for the order', () => {
    fc.assert(
      fc.property(fleets, (rows) => {
        const sorted = (groups: readonly (readonly string[])[]) =>
          groups.map((group) => [...group].sort().join()).sort();
        const one = topologyOf(rows);
        const other = topologyOf([...rows].reverse());
        expect(sorted(other.loops)).toEqual(sorted(one.loops));
        expect(sorted(other.islands)).toEqual(sorted(one.islands));
        expect(other.sources.map(({ address, isSuspect }) => [address, isSuspect])).toEqual(
          one.sources.map(({ address, isSuspect }) => [address, isSuspect]),
        );
      }),
    );
  });
});
