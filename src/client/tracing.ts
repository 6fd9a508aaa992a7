/** The requests as diagnostics: the tracing channel `chrony-wasm:request` of `node:diagnostics_channel`. */
import { ChronyError } from '../errors.ts';
import { type Endpoint, formatEndpoint } from '../socket/address.ts';
import { nodeDiagnosticsChannel } from '../util/builtins.ts';

const NAME = 'chrony-wasm:request';

/**
 * What the events of `tracingChannel('chrony-wasm:request')` say of a request. All events of a request have the same object,
 * whose properties are set in its course.
 */
export interface RequestTrace {
  /** The endpoint that is asked: `127.0.0.1:323`, `[::1]:323`, `/run/chrony/chronyd.sock`. */
  readonly address: string;
  /** The report's name in the C library, or the question's: `tracking`, `sourcename`, `clients`. */
  readonly report: string;
  /** How often the request was sent: zero or more. It is more than 1 after a timeout, or after a socket that had failed. */
  readonly tries: number;
  /**
   * Null until the request is settled. Then `ok`, the `code` of the {@link ChronyError} that it failed with, or `aborted` if
   * the caller no longer wanted it.
   */
  readonly outcome: string | null;
  /** What was read from the reply. Absent unless the outcome is `ok`. */
  readonly result?: unknown;
  /** Why the request failed. Absent unless it did. */
  readonly error?: unknown;
}

/** One of the events. Not the type of `node:diagnostics_channel`, which the declarations of the package do not import. */
interface EventChannel {
  readonly hasSubscribers: boolean;
  publish(context: object): void;
  runStores(context: object, work: () => void): void;
}

type Channels = Readonly<Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', EventChannel>>;

/** Null where the runtime has no tracing channels. */
export const requestChannels: Channels | null = nodeDiagnosticsChannel()?.tracingChannel?.(NAME) ?? null;

/** A request that is traced. */
export interface Trace {
  /** Begins the request, between the events `start` and `end`. */
  begin(begin: () => void): void;
  /** Gives the value to the caller, between the events `asyncStart` and `asyncEnd`. */
  succeed(tries: number, result: unknown, settle: () => void): void;
  /** Gives the reason to the caller, after the event `error`, between `asyncStart` and `asyncEnd`. */
  fail(tries: number, error: unknown, settle: () => void): void;
}

export function newTrace(channels: Channels, endpoint: Endpoint, report: string): Trace {
  return new ChannelTrace(channels, { address: formatEndpoint(endpoint), report, tries: 0, outcome: null });
}

class ChannelTrace implements Trace {
  readonly #channels: Channels;
  readonly #context: RequestTrace;

  constructor(channels: Channels, context: RequestTrace) {
    this.#channels = channels;
    this.#context = { ...context };
  }

  begin(begin: () => void): void {
    const { start, end } = this.#channels;
    start.runStores(this.#context, () => {
      try {
        begin();
      } finally {
        end.publish(this.#context);
      }
    });
  }

  succeed(tries: number, result: unknown, settle: () => void): void {
    Object.assign(this.#context, { tries, outcome: 'ok', result });
    this.#settle(settle);
  }

  fail(tries: number, error: unknown, settle: () => void): void {
    const outcome = error instanceof ChronyError ? error.code : 'aborted';
    Object.assign(this.#context, { tries, outcome, error });
    this.#channels.error.publish(this.#context);
    this.#settle(settle);
  }

  #settle(settle: () => void): void {
    const { asyncStart, asyncEnd } = this.#channels;
    asyncStart.runStores(this.#context, () => {
      try {
        settle();
      } finally {
        asyncEnd.publish(this.#context);
      }
    });
  }
}
