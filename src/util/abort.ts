/** Abort signals of any origin: listening without leaving listeners behind, and generators that end at once. */

/**
 * An `AbortSignal`, or a compatible object. Usually from `AbortSignal.timeout()` or `new AbortController().signal`.
 * Signals of polyfills and test environments (jsdom, happy-dom) are not instances of the runtime's class; they are
 * accepted, too.
 */
export interface AbortSignalLike {
  /** Whether the signal has aborted. */
  readonly aborted: boolean;
  /** The error of the aborted call. Default: a `DOMException` with the name `AbortError`. */
  readonly reason?: unknown;
  /** Calls the listener when the signal aborts. */
  addEventListener(type: 'abort', listener: () => void): void;
  /** Removes the listener. If the method is missing, one listener of this package stays on the signal. */
  removeEventListener?(type: 'abort', listener: () => void): void;
}

/** True if the value has the members of a signal that this package needs. */
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
  /** Aborts the signal. A second call does nothing. */
  abort(reason?: unknown): void;
}

/**
 * Creates a signal that this package itself aborts. `AbortController` is not used, because a test environment may
 * replace it, or replace it without the classes that belong to it.
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

/** The listeners of one signal, which share one listener on the signal itself. */
interface Listening {
  readonly listeners: Set<{ listener: () => void }>;
  /** Removes the shared listener from the signal. */
  readonly stop: () => void;
}

/** Signals with listeners. Adding a listener to the signal itself takes time in proportion to their number. */
const listeningTo = new WeakMap<AbortSignalLike, Listening>();

/**
 * Calls the listener when the signal aborts, or at once if it has already aborted. Many calls may share a signal: the
 * signal itself has at most one listener of this package, so the cost of a call does not depend on their number.
 *
 * @returns a function that removes the listener
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
    // release the closure: V8 may keep the old hash table of a set, with its entries, after the set has grown
    entry.listener = ignore;
    // if the entry is already gone, other calls may have started to listen: do not stop them
    if (listeners.delete(entry) && listeners.size === 0) stop();
  };
}

function listenTo(signal: AbortSignalLike): Listening {
  const listeners: Listening['listeners'] = new Set();
  const stop = (): void => {
    // without removeEventListener the listener stays on the signal, and later calls use it again
    if (signal.removeEventListener === undefined) return;
    listeningTo.delete(signal);
    signal.removeEventListener('abort', aborted);
  };
  // uses neither `this` nor the event, because some polyfills do not pass them
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

/**
 * Settles like the promise, or rejects with the signal's reason as soon as the signal aborts. Later results of the
 * promise are ignored.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignalLike | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    let stop = (): void => {};
    // attach the handlers first, so that a rejection is never unhandled
    promise.then(resolve, reject).finally(() => stop());
    stop = onAbort(signal, () => reject(reasonOf(signal)));
  });
}

/**
 * Makes the generator's `return()` abort `stopping`, and returns the generator. Otherwise a generator reacts to
 * `return()` only at its next `yield`, which may be after a long wait.
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
