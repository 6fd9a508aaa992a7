/** Listening to AbortSignals without leaving anything on them. */
import { setMaxListeners } from 'node:events';

/**
 * Calls the listener when the signal aborts; at once, if it already has.
 *
 * @returns what stops listening
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => {};
  }
  // any number of calls may share a signal, and each leaves it again: no leak for Node to warn of
  setMaxListeners(0, signal);
  signal.addEventListener('abort', listener);
  return () => signal.removeEventListener('abort', listener);
}

/** The promise, or the signal's reason as soon as it aborts; what the promise comes to then is ignored. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(stop);
  });
}
