/** Abort signals: listening to them without leaving anything on them, and generators that end at once. */

/** The listeners of each signal. A signal itself searches all of its listeners for each one that is added. */
const listenersOf = new WeakMap<AbortSignal, Set<{ readonly listener: () => void }>>();

/**
 * Calls the listener when the signal aborts; at once, if it already has. Any number of calls may share a signal: it has
 * one listener of this package at a time, so a call costs the same however many there are.
 *
 * @returns what stops listening
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => {};
  }
  const listeners = listenersOf.get(signal) ?? listenTo(signal);
  const entry = { listener };
  listeners.add(entry);
  return () => {
    // a second time does nothing: others may listen by now
    if (listeners.delete(entry) && listeners.size === 0) ignore(signal);
  };
}

/** What the signal itself calls. */
function aborted(this: AbortSignal): void {
  const listeners = listenersOf.get(this);
  ignore(this);
  if (listeners !== undefined) for (const { listener } of listeners) listener();
}

function listenTo(signal: AbortSignal): Set<{ readonly listener: () => void }> {
  const listeners = new Set<{ readonly listener: () => void }>();
  listenersOf.set(signal, listeners);
  signal.addEventListener('abort', aborted);
  return listeners;
}

function ignore(signal: AbortSignal): void {
  listenersOf.delete(signal);
  signal.removeEventListener('abort', aborted);
}

/** The promise, or the signal's reason as soon as it aborts; the promise's outcome is ignored then. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(stop);
  });
}

/**
 * A generator whose `return()` aborts the controller: a generator itself hears of it only when it yields, which may be
 * a long pause away.
 */
export function stoppable<T>(
  values: AsyncGenerator<T, void, undefined>,
  stopping: AbortController,
): AsyncGenerator<T, void, undefined> {
  const { return: end } = values;
  values.return = (value) => {
    stopping.abort();
    return end.call(values, value);
  };
  return values;
}
