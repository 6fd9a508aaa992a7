/** Abort signals of any origin: listening to them without leaving anything on them, and generators that end at once. */

/**
 * An `AbortSignal`, or an object that is like one. A polyfill or a test environment (jsdom, happy-dom) has a class of its own,
 * which the runtime does not know. `AbortSignal.timeout()` and `new AbortController().signal` are the usual ones.
 */
export interface AbortSignalLike {
  /** Whether the signal has aborted. */
  readonly aborted: boolean;
  /** Rejects whatever the signal ends. Left out or undefined: a `DOMException` with the name `AbortError`. */
  readonly reason?: unknown;
  /** Calls the listener when the signal aborts. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Removes the listener. Without this method, one listener of this package stays on the signal. */
  removeEventListener?(type: 'abort', listener: () => void): void;
}

/** True if the value has what is needed of a signal. */
export function isAbortSignalLike(value: unknown): value is AbortSignalLike {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener } = value as Partial<AbortSignalLike>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

/** The reason of a signal that has aborted; never undefined. */
export function reasonOf(signal: AbortSignalLike): unknown {
  return signal.reason === undefined
    ? new DOMException('This operation was aborted', 'AbortError')
    : signal.reason;
}

/** @throws the reason, if the signal has aborted */
export function throwIfAborted(signal: AbortSignalLike | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** A signal that can be aborted. */
export interface Aborter extends AbortSignalLike {
  /** A second time does nothing. */
  abort(reason?: unknown): void;
}

/**
 * A signal that this package aborts itself. `AbortController` is not used for this, because a test environment may replace it,
 * or only some of the classes that belong together.
 */
export function newAborter(): Aborter {
  const listeners = new Set<() => void>();
  let ended: { readonly reason: unknown } | null = null;
  return {
    get aborted() {
      return ended !== null;
    },
    get reason() {
      return ended?.reason;
    },
    abort: (reason) => {
      if (ended !== null) return;
      ended = { reason };
      for (const listener of listeners) listener();
    },
    addEventListener: (_, listener) => {
      listeners.add(listener);
    },
    removeEventListener: (_, listener) => {
      listeners.delete(listener);
    },
  };
}

function ignore(): void {}

interface Listening {
  readonly listeners: Set<{ listener: () => void }>;
  /** Stops listening to the signal itself. */
  readonly stop: () => void;
}

/** The listeners of each signal. A signal itself searches all of its listeners for each one that is added. */
const listeningTo = new WeakMap<AbortSignalLike, Listening>();

/**
 * Calls the listener when the signal aborts; at once, if it already has. Any number of calls may share a signal: it has
 * one listener of this package at a time, so a call costs the same however many there are.
 *
 * @returns a function that stops listening
 */
export function onAbort(signal: AbortSignalLike, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => {};
  }
  const { listeners, stop } = listeningTo.get(signal) ?? listenTo(signal);
  const entry = { listener };
  listeners.add(entry);
  return () => {
    // V8 may keep a table that the set has outgrown, with all that was in it
    entry.listener = ignore;
    // a second time does nothing: others may listen by now
    if (listeners.delete(entry) && listeners.size === 0) stop();
  };
}

function listenTo(signal: AbortSignalLike): Listening {
  const listeners: Listening['listeners'] = new Set();
  const stop = (): void => {
    // a signal that cannot forget the listener has it for good, and needs no second one
    if (signal.removeEventListener === undefined) return;
    listeningTo.delete(signal);
    signal.removeEventListener('abort', aborted);
  };
  // not by `this` or the event: not every polyfill has them
  const aborted = (): void => {
    stop();
    for (const entry of listeners) {
      listeners.delete(entry);
      entry.listener();
    }
  };
  const listening = { listeners, stop };
  signal.addEventListener('abort', aborted);
  listeningTo.set(signal, listening);
  return listening;
}

/** The promise, or the signal's reason as soon as it aborts; the promise's outcome is ignored then. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    let stop = (): void => {};
    // handled before anything else, so that a rejection is never left unhandled
    promise.then(resolve, reject).finally(() => stop());
    stop = onAbort(signal, () => reject(reasonOf(signal)));
  });
}

/**
 * A generator whose `return()` aborts `stopping`: a generator itself hears of it only when it yields, which may be
 * a long pause away.
 */
export function stoppable<T>(
  values: AsyncGenerator<T, void, undefined>,
  stopping: Aborter,
): AsyncGenerator<T, void, undefined> {
  const { return: end } = values;
  values.return = (value) => {
    stopping.abort();
    return end.call(values, value);
  };
  return values;
}
