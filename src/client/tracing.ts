/** The requests as diagnostics: the tracing channel `chrony-wasm:request` of `node:diagnostics_channel`. */
import { ChronyError } from '../errors.ts';
import { type Endpoint, formatEndpoint } from '../socket/address.ts';
import { nodeDiagnosticsChannel } from '../util/builtins.ts';

const NAME = 'chrony-wasm:request';

/**
 * A request, as the events of `tracingChannel('chrony-wasm:request')` describe it. All events of a request have the same
 * object. Its properties are set while the request is under way.
 */
export interface RequestTrace {
  /** The endpoint of the request: `127.0.0.1:323`, `[::1]:323`, `/run/chrony/chronyd.sock`. */
  readonly address: string;
  /** The report's name in the C library, or the question's: `tracking`, `sourcename`, `clients`. */
  readonly report: string;
  /** How often the request was sent: zero or more. It is more than 1 after a timeout, or after a socket that had failed. */
  readonly tries: number;
  /**
   * Null until the request is settled. Then `ok`, the `code` of the {@link ChronyError} of a failed request, or `aborted` if
   * the caller gave the request up.
   */
  readonly outcome: string | null;
  /** The value that was made of the reply. Absent unless the outcome is `ok`. */
  readonly result?: unknown;
  /** Why the request failed. Absent unless it did. */
  readonly error?: unknown;
}

/** The channel of one event. The declarations of the package do not import the type of `node:diagnostics_channel`. */
interface EventChannel {
  readonly hasSubscribers: boolean;
  publish(context: object): void;
  runStores(context: object, work: () => void): void;
}

type Channels = Readonly<Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', EventChannel>>;

/** Null where the runtime has no tracing channels; undefined before the first request. */
let channels: Channels | null | undefined;

/** A request that somebody listens to. */
export class Trace {
  readonly #channels: Channels;
  readonly #context: RequestTrace;

  private constructor(channels: Channels, address: string, report: string) {
    this.#channels = channels;
    this.#context = { address, report, tries: 0, outcome: null };
  }

  /** The trace of a new request; null if nobody listens. */
  static of(endpoint: Endpoint, report: string): Trace | null {
    channels ??= nodeDiagnosticsChannel()?.tracingChannel?.(NAME) ?? null;
    return channels !== null && isHeard(channels)
      ? new Trace(channels, formatEndpoint(endpoint), report)
      : null;
  }

  /** Begins the request, between the events `start` and `end`. */
  begin(begin: () => void): void {
    const { start, end } = this.#channels;
    this.#between(start, end, begin);
  }

  /** Gives the value to the caller, between the events `asyncStart` and `asyncEnd`. */
  succeed(tries: number, result: unknown, settle: () => void): void {
    Object.assign(this.#context, { tries, outcome: 'ok', result });
    this.#settle(settle);
  }

  /** Gives the reason to the caller, after the event `error`, between `asyncStart` and `asyncEnd`. */
  fail(tries: number, error: unknown, settle: () => void): void {
    const outcome = error instanceof ChronyError ? error.code : 'aborted';
    Object.assign(this.#context, { tries, outcome, error });
    this.#channels.error.publish(this.#context);
    this.#settle(settle);
  }

  #settle(settle: () => void): void {
    const { asyncStart, asyncEnd } = this.#channels;
    this.#between(asyncStart, asyncEnd, settle);
  }

  #between(first: EventChannel, last: EventChannel, work: () => void): void {
    first.runStores(this.#context, () => {
      try {
        work();
      } finally {
        last.publish(this.#context);
      }
    });
  }
}

/** As `TracingChannel.hasSubscribers`, which not every runtime has. */
function isHeard({ start, end, asyncStart, asyncEnd, error }: Channels): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}
