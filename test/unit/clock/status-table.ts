/** Derives the expected status from the whole history, in the simplest possible way. */
import type { ClockStatus } from '../../../src/clock/bounded-time.ts';
import { LeapStatus } from '../../../src/index.ts';
import type { Report } from './simulation.ts';

const SECOND = 1_000_000_000n;
/** The longest time that reading the clocks and searching their offset can take. */
const EDGE_NS = 20_000_000n;
const EDGE_S = 0.02;

const LOCAL = 0x7f7f0101;

type Quality = 'good' | 'bad' | 'local' | 'nonsense' | 'edge';

function qualityOf({ status, age, poll }: Report): Quality {
  if (status.leapStatus === LeapStatus.UNSYNC) return 'bad';
  if (status.referenceId === LOCAL) return 'local';
  if (Math.abs(age + 1) < EDGE_S) return 'edge';
  if (age < -1) return 'nonsense';
  const fresh = 8 * status.updateInterval;
  // the poll interval is requested only if the report looks old
  const limit = Math.max(fresh, 8 * (poll ?? 0));
  if ([fresh, limit].some((edge) => Math.abs(age - edge) < EDGE_S)) return 'edge';
  return age > limit ? 'bad' : 'good';
}

/** Returns whether a duration exceeds a limit; null if it is too close to decide. */
function isOver(ns: bigint, limit: bigint): boolean | null {
  const rest = ns - limit;
  return rest > EDGE_NS ? true : rest < -EDGE_NS ? false : null;
}

/** @returns null if more than one status is possible */
export function expectedStatus(
  history: readonly (Report | 'step' | 'pause')[],
  now: bigint,
): ClockStatus | null {
  /** The last good sample, unless an event invalidated it. */
  let good: Report | null = null;
  let last: Report | null = null;
  let lastQuality: Quality = 'bad';
  /** After a step: the reference times of the samples since, and how many are required. */
  let stepped: { references: number[]; needed: number } | null = null;
  let isDisrupted = false;
  for (const entry of history) {
    if (entry === 'step') {
      good = null;
      stepped = { references: [], needed: 9 };
      continue;
    }
    if (entry === 'pause') {
      good = null;
      const missing: number = stepped === null ? 0 : stepped.needed - Math.max(1, stepped.references.length);
      stepped = { references: [], needed: Math.max(2, missing) + 1 };
      isDisrupted = true;
      continue;
    }
    const quality = qualityOf(entry);
    if (quality === 'edge') return null;
    if (good !== null && last !== null) {
      const silent = isOver(entry.requestedAt - last.requestedAt, 1000n * SECOND);
      if (silent === null) return null;
      if (silent) good = null;
    }
    if (stepped !== null && quality !== 'local') {
      if (entry.status.leapStatus === LeapStatus.UNSYNC) stepped = { references: [], needed: 2 };
      if (stepped.references.at(-1) !== entry.status.refTime) stepped.references.push(entry.status.refTime);
      if (stepped.references.length === stepped.needed) {
        stepped = null;
        isDisrupted = false;
      }
    }
    if (quality === 'local' || quality === 'nonsense') good = null;
    if (quality === 'good' && stepped === null) good = entry;
    last = entry;
    lastQuality = quality;
  }
  if (good === null || last === null) return isDisrupted ? 'disrupted' : 'unknown';
  const silent = isOver(now - last.requestedAt, 1000n * SECOND);
  if (silent !== false) return silent === null ? null : 'unknown';
  if (lastQuality !== 'good') {
    const measured = good.requestedAt - BigInt(Math.round(Math.max(0, good.age) * 1e9));
    const isOld = isOver(now - measured, 1000n * SECOND);
    return isOld === null ? null : isOld ? 'unknown' : 'freeRunning';
  }
  const old = isOver(now - good.requestedAt, 5n * SECOND);
  return old === null ? null : old ? 'freeRunning' : 'synchronized';
}
