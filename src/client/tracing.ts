/** Publishes each request on the tracing channel `chrony-wasm:request` of `node:diagnostics_channel`. */
import { ChronyError } from '../errors.ts';
import { type Endpoint, formatEndpoint } from '../socket/address.ts';
import { nodeDiagnosticsChannel } from '../util/builtins.ts';

const NAME = 'chrony-wasm:request';

/**
 * A request, as the events of `tracingChannel('chrony-wasm:request')` describe it. All events of a request pass the
 * same object. Its properties are set while the request is under way.
 */
export interface RequestTrace {
  /** The endpoint of the request: `127.0.0.1:323`, `[::1]:323`, `/run/chrony/chronyd.sock`. */
  readonly address: string;
  /** The report's name in the C library, or the name of another request: `tracking`, `sourcename`, `clients`. */
  readonly report: string;
  /**
   * The number of times that the request was sent, 0 or more. It is greater than 1 after a timeout or a socket
   * failure.
   */
  readonly tries: number;
  /**
   * Null until the request is settled. Then `ok`, the `code` of the {@link ChronyError} of a failed request, or
   * `aborted` if the caller cancelled the request.
   */
  readonly outcome: string | null;
  /** The value decoded from the reply. Absent unless the outcome is `ok`. */
  readonly result?: unknown;
  /** Why the request failed. Absent if it succeeded. */
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

/** A request that has at least one listener. */
export class Trace {
  readonly #channels: Channels;
  readonly #context: RequestTrace;

  private constructor(channels: Channels, address: string, report: string) {
    this.#channels = channels;
    this.#context = { address, report, tries: 0, outcome: null };
  }

  /** Returns the trace of a new request; null if there is no listener. */
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

/** Returns the same as `TracingChannel.hasSubscribers`, which some runtimes lack. */
function isHeard({ start, end, asyncStart, asyncEnd, error }: Channels): boolean {
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  );
}
