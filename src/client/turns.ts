/**
 * Queries targets, many at the same time, and yields the outcomes as they arrive. `pollMany()` and `watchMany()`
 * supply the schedule.
 */
import { ChronyError } from '../errors.ts';
import type { ReportName } from '../reports/index.ts';
import type { OpenSocket } from '../socket/socket.ts';
import { SpareSockets } from '../socket/udp.ts';
import { type Aborter, newAborter, onAbort, reasonOf, stoppable } from '../util/abort.ts';
import { clearTimeout, setTimeout } from '../util/timers.ts';
import { openSocket } from './channel.ts';
import { type ChronyConnection, end, unopened } from './connection.ts';
import type { Settings } from './options.ts';
import { type Ask, askFor, type ReportOutcome, type ReportValues } from './report-values.ts';

/** The largest number of targets that can be queried at the same time. */
export const MAX_CONCURRENCY = 10_000;
/** While this many outcomes wait to be taken, no new request begins: its outcome would be old when it is taken. */
const MAX_UNTAKEN = 100;
/** The number of sockets that are kept for the next requests. */
const MAX_SPARES = 100;

/** The outcome of a request to one of many chronyds. */
export type PollResult<T> = {
  /** The address of the chronyd, as given. */
  readonly address: string;
} & ReportOutcome<T>;

/** The turn of one target. Turns that are under way at the same time must be different objects. */
export interface Turn {
  readonly address: string;
  /** The connection of the request under way; undefined if there is none. Set by {@link outcomesOf}. */
  chrony?: ChronyConnection | undefined;
}

/** A schedule: decides which target is queried when. */
export interface Turns<Each extends Turn, T> {
  /**
   * Called repeatedly. Scans the targets from time to time, and then returns the turns of the removed targets, whose
   * requests are cancelled. Null if it did not scan.
   */
  refresh(): readonly Each[] | null;
  /** Returns the turn that is due; null if none is. Called while there is room for a request. */
  next(): Each | null;
  /**
   * Returns the time until the next turn or scan, in milliseconds; null if only the outcome of a request can change
   * anything.
   *
   * @param hasRoom - false if no other request can begin now
   */
  waitMs(hasRoom: boolean): number | null;
  /** Takes the outcome of a turn. Returns true if it is to be yielded. */
  take(turn: Each, outcome: PollResult<T>): boolean;
  /** Called at the end. */
  close(): void;
}

/** @throws TypeError for a value that is not a list of addresses. */
export function checkList(name: string, list: unknown): void {
  // a string can be iterated, too, but by characters
  if (typeof list === 'object' && Object(list)[Symbol.iterator]) return;
  throw new TypeError(
    `${name} must be a list, such as an array, not ${list === null ? 'null' : typeof list}`,
  );
}

/** @throws TypeError for a value that is not an address. */
export function checkAddress(address: unknown): asserts address is string {
  // undefined would select the default endpoints
  if (typeof address !== 'string') throw new TypeError(`address must be a string, not ${typeof address}`);
}

/**
 * Queries each target for a report when its turn comes. It ends when no turn is left or `return()` is called. If the
 * signal aborts, it throws the signal's reason.
 *
 * @param concurrency - the largest number of requests under way and outcomes that are not taken yet
 * @throws ChronyDataError for an unknown report.
 */
export function outcomesOf<Name extends ReportName, Each extends Turn>(
  turns: Turns<Each, ReportValues[Name]>,
  report: Name,
  settings: Settings,
  concurrency: number,
): AsyncGenerator<PollResult<ReportValues[Name]>, void, undefined> {
  const ask = askFor(report);
  const stopping = newAborter();
  return stoppable(pollTurns(turns, ask, settings, concurrency, stopping), stopping);
}

/** @param stop - aborted by `return()` and when the iteration ends for any other reason */
async function* pollTurns<Name extends ReportName, Each extends Turn>(
  turns: Turns<Each, ReportValues[Name]>,
  ask: Ask<Name>,
  { signal, ...rest }: Settings,
  concurrency: number,
  stop: Aborter,
): AsyncGenerator<PollResult<ReportValues[Name]>, void, undefined> {
  const spares = new SpareSockets(MAX_SPARES);
  const open: OpenSocket = (endpoint, listener) => openSocket(endpoint, listener, spares);
  const settings: Settings = { ...rest, signal: undefined, open };
  // Not a Map from turns to connections. When a Map grows, V8 replaces its table. If the old table is already in the
  // old generation, it keeps its entries alive until the next major collection. Connections from many seconds would
  // then be promoted with it.
  const underWay = new Set<Each>();
  const arrived: { readonly turn: Each; readonly outcome: PollResult<ReportValues[Name]> }[] = [];
  const failures: unknown[] = [];
  let wake = (): void => {};
  const fail = (reason: unknown): void => {
    if (stop.aborted) return;
    failures.push(reason);
    stop.abort();
  };
  const hasRoom = (): boolean => underWay.size + arrived.length < concurrency && arrived.length < MAX_UNTAKEN;
  const leave = (turn: Each): void => {
    turn.chrony = undefined;
    underWay.delete(turn);
  };
  const begin = (turn: Each): void => {
    const { address } = turn;
    const chrony = unopened({ ...settings, address });
    turn.chrony = chrony;
    underWay.add(turn);
    const ended = (outcome: PollResult<ReportValues[Name]>): void => {
      end(chrony, closing);
      // the target may have been removed, and added again, meanwhile
      if (turn.chrony !== chrony) return;
      leave(turn);
      arrived.push({ turn, outcome });
      wake();
    };
    ask(chrony).then(
      (value) => ended({ address, value, error: null }),
      (error: unknown) => {
        if (error instanceof ChronyError) ended({ address, value: null, error });
        else fail(error);
      },
    );
  };
  const cancel = (turn: Each): void => {
    const { chrony } = turn;
    leave(turn);
    if (chrony !== undefined) end(chrony, closing);
  };
  // one listener for all connections
  const stopListening = [
    signal && onAbort(signal, () => fail(reasonOf(signal))),
    onAbort(stop, () => {
      for (const { chrony } of underWay) if (chrony !== undefined) end(chrony, closing);
      wake();
    }),
  ];
  try {
    while (!stop.aborted) {
      const removed = turns.refresh();
      if (removed !== null) {
        removed.forEach(cancel);
        // a socket keeps its port: close it before an attacker has time to guess the port
        spares.clear();
      }
      while (hasRoom()) {
        const turn = turns.next();
        if (turn === null) break;
        begin(turn);
      }
      const first = arrived.shift();
      if (first !== undefined) {
        if (turns.take(first.turn, first.outcome)) yield first.outcome;
        continue;
      }
      const ms = turns.waitMs(hasRoom());
      if (ms === null && underWay.size === 0) break;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((woken) => {
        wake = woken;
        if (ms !== null) timer = setTimeout(woken, ms);
      });
      clearTimeout(timer);
    }
    if (failures.length > 0) throw failures[0];
  } finally {
    stop.abort();
    turns.close();
    spares.close();
    for (const stopOne of stopListening) stopOne?.();
  }
}

/** No caller sees this error: the iteration has ended, already has the outcome, or no longer wants it. */
function closing(): ChronyError {
  return new ChronyError('the poll has ended');
}
