/** Computes the topology of a fleet from the rows of its clocks: which clock follows which source. */
import { ipVersion } from '../socket/address.ts';
import { canonicalAddress } from '../socket/canonical-address.ts';
import type { ClockRow, SourceRow, SourceUse, Topology } from './row.ts';

/** Time and memory are proportional to the number of clocks and their sources. */
export function topologyOf(rows: Iterable<ClockRow>): Topology {
  const clocks = [...rows];
  const addresses = new Addresses(clocks);
  const leaders = new Map(clocks.map((clock) => [clock.address, leaderOf(clock, addresses)]));
  const loops = loopsOf(leaders);
  return { sources: sourcesOf(clocks, addresses), loops, islands: islandsOf(leaders, loops) };
}

/**
 * Finds the target with an IP address, in any spelling. If several chronyds share an address, the first one is
 * found.
 */
class Addresses {
  readonly #targets = new Map<string, string>();
  /** The normalized addresses, by the original text. */
  readonly #normalized = new Map<string, string>();

  constructor(clocks: readonly ClockRow[]) {
    for (const { address, ip } of clocks) {
      if (ip === null) continue;
      const key = this.normalized(ip);
      if (!this.#targets.has(key)) this.#targets.set(key, address);
    }
  }

  /** Returns the same text for all spellings of an address. */
  normalized(ip: string): string {
    let text = this.#normalized.get(ip);
    if (text === undefined) {
      text = normalize(ip);
      this.#normalized.set(ip, text);
    }
    return text;
  }

  /** @param ip - normalized */
  targetAt(ip: string): string | null {
    return this.#targets.get(ip) ?? null;
  }
}

function normalize(ip: string): string {
  try {
    return ipVersion(ip) === 0 ? ip : canonicalAddress(ip);
  } catch {
    // the zone names an interface of the clock's host, which this host does not have
    return ip;
  }
}

/** The leader that a clock follows: a target, another host or a reference clock, nothing, or unknown. */
type Leader =
  | { readonly kind: 'target'; readonly address: string }
  | { readonly kind: 'outside' | 'nothing' | 'unknown' };

function leaderOf(clock: ClockRow, addresses: Addresses): Leader {
  if (clock.heard === null) return { kind: 'unknown' };
  if (followedReferenceClock(clock) !== null) return { kind: 'outside' };
  if (clock.referenceAddress === null) return { kind: 'nothing' };
  const address = addresses.targetAt(addresses.normalized(clock.referenceAddress));
  return address === null || address === clock.address ? { kind: 'outside' } : { kind: 'target', address };
}

/** The reference ID of local mode, written as an address. */
const LOCAL = '127.127.1.1';

/** The name of the reference clock that a clock follows. */
function followedReferenceClock({ stratum, reference, referenceAddress }: ClockRow): string | null {
  return stratum === null || referenceAddress !== null || reference === LOCAL ? null : reference;
}

/** The counts of a source. */
interface Counts {
  readonly address: string;
  readonly target: string | null;
  readonly followers: string[];
  name: string | null;
  users: number;
  falseticker: number;
  unreachable: number;
  /** The number of users that do not follow it. */
  nonFollowers: number;
  /** The number of non-followers for which this source is a falseticker. */
  disagreeingNonFollowers: number;
  /** The number of users that report each stratum. */
  readonly strata: Map<number, number>;
}

function sourcesOf(clocks: readonly ClockRow[], addresses: Addresses): SourceUse[] {
  const all = new Map<string, Counts>();
  for (const clock of clocks) countSources(clock, addresses, all);
  return [...all.values()]
    .map(useOf)
    .sort(
      (a, b) =>
        b.followers.length - a.followers.length || b.users - a.users || (a.address < b.address ? -1 : 1),
    );
}

function countSources(clock: ClockRow, addresses: Addresses, all: Map<string, Counts>): void {
  const followed = followedKey(clock, addresses);
  const seen = new Set<string>();
  for (const source of clock.sources ?? []) {
    const key = keyOf(clock, source.address, source.isReferenceClock, addresses);
    if (seen.has(key)) continue;
    seen.add(key);
    const counts = countsFor(key, addresses, all);
    count(counts, source, key === followed);
    if (key === followed) counts.followers.push(clock.address);
  }
  if (followed === null || seen.has(followed)) return;
  // the row lacks this source, because the sources are not known or too many
  const counts = countsFor(followed, addresses, all);
  counts.users++;
  counts.followers.push(clock.address);
}

function followedKey(clock: ClockRow, addresses: Addresses): string | null {
  const referenceClock = followedReferenceClock(clock);
  if (referenceClock !== null) return keyOf(clock, referenceClock, true, addresses);
  return clock.referenceAddress === null ? null : keyOf(clock, clock.referenceAddress, false, addresses);
}

/** Reference clocks belong to their host, so their key includes it. */
function keyOf(clock: ClockRow, address: string, isReferenceClock: boolean, addresses: Addresses): string {
  return isReferenceClock ? `${clock.address} ${address}` : addresses.normalized(address);
}

function countsFor(key: string, addresses: Addresses, all: Map<string, Counts>): Counts {
  let counts = all.get(key);
  if (counts === undefined) {
    counts = {
      address: key,
      target: addresses.targetAt(key),
      followers: [],
      name: null,
      users: 0,
      falseticker: 0,
      unreachable: 0,
      nonFollowers: 0,
      disagreeingNonFollowers: 0,
      strata: new Map(),
    };
    all.set(key, counts);
  }
  return counts;
}

function count(counts: Counts, source: SourceRow, isFollowed: boolean): void {
  const isFalseticker = source.state === 'falseticker';
  counts.users++;
  counts.name ??= source.name;
  if (isFalseticker) counts.falseticker++;
  if (!source.isReachable) counts.unreachable++;
  if (!isFollowed) counts.nonFollowers++;
  if (!isFollowed && isFalseticker) counts.disagreeingNonFollowers++;
  // a server has stratum 0 before its first reply
  if (source.stratum > 0 || source.isReferenceClock) {
    counts.strata.set(source.stratum, (counts.strata.get(source.stratum) ?? 0) + 1);
  }
}

/** The minimum number of non-followers for which a suspect source is a falseticker. */
const MIN_DISAGREEING = 2;

function useOf({ nonFollowers, disagreeingNonFollowers, strata, ...counts }: Counts): SourceUse {
  const [mostCommon] = [...strata].sort(([a, countA], [b, countB]) => countB - countA || a - b);
  return {
    ...counts,
    stratum: mostCommon?.[0] ?? null,
    isSuspect: disagreeingNonFollowers >= MIN_DISAGREEING && 2 * disagreeingNonFollowers >= nonFollowers,
  };
}

/**
 * The leader of each target. Each target follows at most one, so a path through the targets has one end or runs
 * into a loop.
 */
type Leaders = ReadonlyMap<string, Leader>;

function* wayFrom(start: string, leaders: Leaders, isKnown: (address: string) => boolean): Generator<string> {
  let address = start;
  while (!isKnown(address)) {
    yield address;
    const leader = leaders.get(address);
    if (leader?.kind !== 'target') return;
    ({ address } = leader);
  }
}

function loopsOf(leaders: Leaders): string[][] {
  const loops: string[][] = [];
  /** By target: the start of the path that visited it. */
  const passed = new Map<string, string>();
  for (const start of leaders.keys()) {
    const way: string[] = [];
    for (const address of wayFrom(start, leaders, (each) => passed.has(each))) {
      passed.set(address, start);
      way.push(address);
    }
    const last = leaders.get(way.at(-1) ?? '');
    if (last?.kind !== 'target' || passed.get(last.address) !== start) continue;
    loops.push(way.slice(way.indexOf(last.address)));
  }
  return loops;
}

/**
 * Groups targets by the end of their paths. A group is an island if the end belongs to it: a target that follows
 * nothing, or a loop.
 */
function islandsOf(leaders: Leaders, loops: Topology['loops']): string[][] {
  /** By target: the target at the end of its path, or the first of its loop; null for an end that is not an island. */
  const ends = new Map<string, string | null>();
  for (const loop of loops) for (const address of loop) ends.set(address, loop[0] ?? null);
  for (const start of leaders.keys()) {
    const way = [...wayFrom(start, leaders, (each) => ends.has(each))];
    const last = way.at(-1);
    if (last === undefined) continue;
    const leader = leaders.get(last);
    const own = leader?.kind === 'nothing' ? last : null;
    const end = leader?.kind === 'target' ? (ends.get(leader.address) ?? null) : own;
    for (const address of way) ends.set(address, end);
  }
  const groups = new Map<string, string[]>();
  for (const address of leaders.keys()) {
    const end = ends.get(address) ?? null;
    if (end === null) continue;
    const group = groups.get(end);
    if (group === undefined) groups.set(end, [address]);
    else group.push(address);
  }
  return [...groups.values()].filter((group) => group.length > 1);
}
