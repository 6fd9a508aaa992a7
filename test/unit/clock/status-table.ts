/** The table of what the status is, worked out from all that ever happened, in the plainest way. */
import type { ClockStatus } from '../../../src/clock/bounded-time.ts';
import { LeapStatus } from '../../../src/index.ts';
import type { Said } from './simulation.ts';

const SECOND = 1_000_000_000n;
/** How long reading the clocks, and a search among them, may take at most. */
const EDGE_NS = 20_000_000n;
const EDGE_S = 0.02;

const LOCAL = 0x7f7f0101;

type Worth = 'good' | 'bad' | 'local' | 'edge';

function worthOf({ status, age, poll }: Said): Worth {
  if (status.leapStatus === LeapStatus.UNSYNC) return 'bad';
  if (status.referenceId === LOCAL) return 'local';
  const fresh = 8 * status.updateInterval;
  // only where that looks old, chronyd is asked how often it polls
  const limit = Math.max(fresh, 8 * (poll ?? 0));
  if ([fresh, limit].some((edge) => Math.abs(Math.abs(age) - edge) < EDGE_S)) return 'edge';
  return Math.abs(age) > limit ? 'bad' : 'good';
}

/** How long ago: true if longer than the limit, null if that cannot be said. */
function isOver(ns: bigint, limit: bigint): boolean | null {
  const rest = ns - limit;
  return rest > EDGE_NS ? true : rest < -EDGE_NS ? false : null;
}

/** @returns null if it may be one or the other */
export function expectedStatus(history: readonly (Said | 'step')[], now: bigint): ClockStatus | null {
  /** The last good answer, since anything that made it void. */
  let good: Said | null = null;
  let last: Said | null = null;
  let lastWorth: Worth = 'bad';
  /** After a step: the reference times that answers told since, and how many there must be. */
  let stepped: { references: number[]; needed: number } | null = null;
  for (const said of history) {
    if (said === 'step') {
      good = null;
      stepped = { references: [], needed: 9 };
      continue;
    }
    const worth = worthOf(said);
    if (worth === 'edge') return null;
    if (good !== null && last !== null) {
      const silent = isOver(said.asked - last.asked, 1000n * SECOND);
      if (silent === null) return null;
      if (silent) good = null;
    }
    if (stepped !== null) {
      if (said.status.leapStatus === LeapStatus.UNSYNC) stepped = { references: [], needed: 2 };
      if (stepped.references.at(-1) !== said.status.refTime) stepped.references.push(said.status.refTime);
      if (stepped.references.length === stepped.needed) stepped = null;
    }
    if (worth === 'local') good = null;
    if (worth === 'good' && stepped === null) good = said;
    last = said;
    lastWorth = worth;
  }
  if (good === null || last === null) return 'unknown';
  const silent = isOver(now - last.asked, 1000n * SECOND);
  if (silent !== false) return silent === null ? null : 'unknown';
  if (lastWorth !== 'good') return 'freeRunning';
  const old = isOver(now - good.asked, 5n * SECOND);
  return old === null ? null : old ? 'freeRunning' : 'synchronized';
}
