/** The command `waitsync`: waits until chronyd is synchronized, as chronyc does, with its output and exit status. */
import { fixed, referenceHex } from '../chronyc/values.ts';
import type { ChronyConnection } from '../client/connection.ts';
import { pause } from '../client/watch.ts';
import { DEFAULT_MAX_DRIFT_PPM, learnMaxClockError, NOTHING_KNOWN } from '../clock/max-clock-error.ts';
import { PERMANENT } from '../clock/synchronized.ts';
import { ChronyDataError, ChronyError, ChronyTimeoutError } from '../errors.ts';
import type { TrackingStatus } from '../reports/index.ts';
import { isAnswer } from '../sandbox/errors.ts';
import { socketPathOf } from '../socket/address.ts';
import type { AbortSignalLike } from '../util/abort.ts';
import { json } from '../util/json.ts';
import { moment } from '../util/moment.ts';
import { type CommandOptions, type Format, UsageError } from './arguments.ts';
import type { Output } from './output.ts';
import { Interruption } from './watch/loop.ts';

/** The limits of the wait. Infinite limits are not checked. */
interface Limits {
  readonly tries: number;
  /** In seconds. */
  readonly correction: number;
  /** In ppm. */
  readonly skew: number;
  /** In seconds, for `--max-error`; undefined if the error is not computed. */
  readonly error: number | undefined;
  /** From the end of one try to the beginning of the next. */
  readonly intervalMs: number;
}

/** An operand and its range. */
interface Operand {
  readonly name: string;
  readonly pattern: RegExp;
  readonly what: string;
  readonly most: number;
}

const DECIMAL = /^\+?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const TRIES = { name: 'TRIES', pattern: /^\+?\d+$/, what: 'a whole number', most: 2 ** 31 - 1 };
const CORRECTION = { name: 'CORRECTION', pattern: DECIMAL, what: 'seconds', most: 1e9 };
const SKEW = { name: 'SKEW', pattern: DECIMAL, what: 'ppm', most: 1e9 };
const INTERVAL = { name: 'INTERVAL', pattern: DECIMAL, what: 'seconds', most: 86_400 };

const DEFAULT_INTERVAL_S = 10;
/** The least interval, as in chronyc. */
const SHORTEST_INTERVAL_S = 0.1;

/** Parses an operand; undefined if it is missing. @throws UsageError */
function read({ name, pattern, what, most }: Operand, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = pattern.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= most) return value;
  throw new UsageError(`waitsync: ${name} needs ${what} from 0 to ${most}, not '${text}'`);
}

/** @throws UsageError */
export function readLimits(args: readonly string[], { maxError }: CommandOptions): Limits {
  const [tries, correction, skew, interval] = args;
  // zero means no limit
  return {
    tries: read(TRIES, tries) || Number.POSITIVE_INFINITY,
    correction: read(CORRECTION, correction) || Number.POSITIVE_INFINITY,
    skew: read(SKEW, skew) || Number.POSITIVE_INFINITY,
    error: maxError || undefined,
    intervalMs: Math.max(read(INTERVAL, interval) ?? DEFAULT_INTERVAL_S, SHORTEST_INTERVAL_S) * 1000,
  };
}

/** The result of a try. */
interface Found {
  readonly tracking: TrackingStatus | null;
  /** The maximum error in seconds; undefined if it is not computed. */
  readonly error?: number;
  readonly isGood: boolean;
}

/**
 * @returns the exit status: 0 if the clock is synchronized within the limits, 1 if the tries ran out or a signal ended the
 *   wait
 * @throws ChronyError if further tries cannot succeed
 */
export async function waitForSync(
  chrony: ChronyConnection,
  limits: Limits,
  { format, connection }: CommandOptions,
  output: Output,
): Promise<number> {
  const ask = asker(chrony, limits);
  using interruption = new Interruption(output.gone);
  const stop = interruption.ending;
  for (let attempt = 1; !stop.aborted; attempt++) {
    const found = await ask(stop).catch((error: unknown): Found => {
      if (!stop.aborted && !isTemporary(error, attempt === 1, connection.address)) throw error;
      return { tracking: null, isGood: false };
    });
    if (stop.aborted) break;
    await output.write(printed(found, attempt, format));
    if (found.isGood) return 0;
    if (attempt === limits.tries) break;
    await pause(limits.intervalMs, stop);
  }
  return 1;
}

function asker(chrony: ChronyConnection, limits: Limits): (stop: AbortSignalLike) => Promise<Found> {
  let maxClockError = NOTHING_KNOWN;
  return async (stop) => {
    const before = moment();
    const tracking = await chrony.getTracking({ signal: stop });
    maxClockError = learnMaxClockError(maxClockError, tracking, before, moment());
    const isGood =
      isFollowing(tracking) && Math.abs(tracking.offset) <= limits.correction && tracking.skew <= limits.skew;
    if (limits.error === undefined) return { tracking, isGood };
    const error = tracking.maxError({
      maxDriftPpm: DEFAULT_MAX_DRIFT_PPM,
      maxClockErrorPpm: maxClockError.leastPpm,
    });
    return { tracking, error, isGood: isGood && error <= limits.error };
  };
}

/** Whether chronyd follows a reference other than its own clock. */
function isFollowing(tracking: TrackingStatus): boolean {
  return tracking.referenceIp !== null || (tracking.referenceId !== 0 && !tracking.isLocal());
}

/** Whether the next try may succeed. Like chronyc, it does not wait for an address that the first try cannot open. */
function isTemporary(error: unknown, isFirst: boolean, address = ''): boolean {
  if (!(error instanceof ChronyError) || error instanceof ChronyDataError) return false;
  if (PERMANENT.has(error.code) || isAnswer(error)) return false;
  const isUnix = socketPathOf(address) !== null;
  const cannotOpen =
    error.code === 'ERR_CHRONY_RESOLVE' || (isUnix && !(error instanceof ChronyTimeoutError));
  return !(isFirst && cannotOpen);
}

function printed({ tracking, error, isGood }: Found, attempt: number, format: Format): string {
  if (format === 'json')
    return json({ try: attempt, synchronized: isGood, maxError: error, tracking }, false);
  if (tracking === null) return '506 Cannot talk to daemon\n';
  const cells = [
    ['try', String(attempt)],
    ['refid', referenceHex(tracking.referenceId)],
    ['correction', fixed(Math.abs(tracking.offset), 9)],
    ['skew', fixed(tracking.skew, 3)],
    ...(error === undefined ? [] : [['max error', fixed(error, 9)]]),
  ];
  if (format === 'csv') return `${cells.map(([, value]) => value).join(',')}\n`;
  return `${cells.map((cell) => cell.join(': ')).join(', ')}\n`;
}
