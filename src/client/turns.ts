/**
 * Asks one target after another, many at the same time, and gives the outcomes as they come: the engine of `pollMany()` and
 * `watchMany()`, which say whose turn it is.
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

/** The most targets that can be asked at the same time. */
export const MAX_CONCURRENCY = 10_000;
/** No more requests are begun while as many outcomes wait to be taken: they would be old by then. */
const MAX_UNTAKEN = 100;
/** So many sockets are kept for the next requests. */
const MAX_SPARES = 100;

/** The outcome of asking one chronyd of many. */
export type Polled<T> = {
  /** The address of the chronyd, as it was given. */
  readonly address: string;
} & ReportOutcome<T>;

/** The turn of one target. No two turns that are under way at the same time may be the same object. */
export interface Turn {
  readonly address: string;
  /** The connection that it is asked over; undefined while it is not being asked. Set by {@link outcomesOf}. */
  chrony?: ChronyConnection | undefined;
}

/** Says whose turn it is. */
export interface Turns<Each extends Turn, T> {
  /**
   * Called again and again. Once in a while it looks which targets there are, and returns the turns of those that have gone:
   * their requests are ended. Null if it did not look.
   */
  refresh(): readonly Each[] | null;
  /** The turn that is due; null if none is. Called while there is room for a request. */
  next(): Each | null;
  /**
   * The time until there is something to do, in milliseconds; null if only the outcome of a request can change that.
   *
   * @param hasRoom - false if no other request can begin now
   */
  waitMs(hasRoom: boolean): number | null;
  /** Takes the outcome of a turn. True if it is to be yielded. */
  take(turn: Each, outcome: Polled<T>): boolean;
  /** Called at the end. */
  close(): void;
}

/** @throws TypeError for a value that is not a list of addresses. */
export function checkList(name: string, list: unknown): void {
  // a string can be iterated, too, letter by letter
  if (typeof list === 'object' && Object(list)[Symbol.iterator]) return;
  throw new TypeError(
    `${name} must be a list, such as an array, not ${list === null ? 'null' : typeof list}`,
  );
}

/** @throws TypeError for a value that is not an address. */
export function checkAddress(address: unknown): asserts address is string {
  // undefined would stand for the automatic ones
  if (typeof address !== 'string') throw new TypeError(`address must be a string, not ${typeof address}`);
}

/**
 * Asks each target for a report when its turn comes. Ends when no turn is left; or with `return()`, or when the signal
 * aborts, whose reason it then throws.
 *
 * @param concurrency - how many are asked at the same time, or have an outcome that is not taken yet
 * @throws ChronyDataError for an unknown report.
 */
export function outcomesOf<Name extends ReportName, Each extends Turn>(
  turns: Turns<Each, ReportValues[Name]>,
  report: Name,
  settings: Settings,
  concurrency: number,
): AsyncGenerator<Polled<ReportValues[Name]>, void, undefined> {
  const ask = askFor(report);
  const stopping = newAborter();
  return stoppable(byTurns(turns, ask, settings, concurrency, stopping), stopping);
}

/** @param stop - aborted by whatever ends it, and by `return()` */
async function* byTurns<Name extends ReportName, Each extends Turn>(
  turns: Turns<Each, ReportValues[Name]>,
  ask: Ask<Name>,
  { signal, ...rest }: Settings,
  concurrency: number,
  stop: Aborter,
): AsyncGenerator<Polled<ReportValues[Name]>, void, undefined> {
  const spares = new SpareSockets(MAX_SPARES);
  const open: OpenSocket = (endpoint, listener) => openSocket(endpoint, listener, spares);
  const settings: Settings = { ...rest, signal: undefined, open };
  // Not a map with the connections: V8 keeps a table that a map has outgrown, with all that was in it, until it collects
  // the old garbage, too, if the table is old. The connections of many seconds would become old with it.
  const underWay = new Set<Each>();
  const arrived: { readonly turn: Each; readonly outcome: Polled<ReportValues[Name]> }[] = [];
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
    const ended = (outcome: Polled<ReportValues[Name]>): void => {
      end(chrony, closing);
      // its target may have gone, and come back, meanwhile
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
  // one listener, and not one for each connection
  const stopListening = [
    signal && onAbort(signal, () => fail(reasonOf(signal))),
    onAbort(stop, () => {
      for (const { chrony } of underWay) if (chrony !== undefined) end(chrony, closing);
      wake();
    }),
  ];
  try {
    while (!stop.aborted) {
      const gone = turns.refresh();
      if (gone !== null) {
        gone.forEach(cancel);
        // a socket has the same port as long as it lives: nobody is to have time to find it out
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

/** Nobody hears of it: the iteration has ended, has its outcome already, or does not want it any more. */
function closing(): ChronyError {
  return new ChronyError('the poll has ended');
}
