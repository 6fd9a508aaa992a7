/** What is to be removed before the process ends. While there is nothing, the process is not touched. */
import { setImmediate } from '../../util/timers.ts';

/** Something that leaves files behind. */
export interface Removable {
  /** Removes its files, now. */
  remove(): void;
  /** Removes its files and ends it, unless it is at work: the process may end soon, and may not. */
  retire(): void;
}

/**
 * Deno hides the listeners of `Deno.addSignalListener()`, and calls all in another order than Node.js. So
 * there we cannot know whether a program handles a signal, and leave signals alone; what is idle goes soon
 * instead.
 */
export const LEAVES_SIGNALS_ALONE = process.versions['deno'] !== undefined;

const SIGNALS = LEAVES_SIGNALS_ALONE ? [] : (['SIGINT', 'SIGTERM', 'SIGHUP'] as const);

const removables = new Set<Removable>();
let listening = false;

/** Sees to it that the files are removed as the process exits, and when a signal ends it. */
export function removeAtExit(removable: Removable): void {
  removables.add(removable);
  listen();
}

/** Its files are gone. */
export function removed(removable: Removable): void {
  removables.delete(removable);
  if (removables.size === 0) ignore();
}

function listen(): void {
  if (listening) return;
  listening = true;
  process.on('exit', removeAll);
  listenToSignals();
}

function ignore(): void {
  if (!listening) return;
  listening = false;
  process.off('exit', removeAll);
  ignoreSignals();
}

function listenToSignals(): void {
  ignoreSignals();
  // first in line, so that it sees a listener that is there only once
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function ignoreSignals(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function removeAll(): void {
  for (const removable of removables) removable.remove();
}

/**
 * A program must end, or not end, as it would without us. If nobody else listens, the signal is sent again
 * with its default effect. If somebody does, it is theirs to decide, and some decide by counting the
 * listeners: then we are gone for the moment. The process may end without another word, so what is idle goes
 * now, and its owner opens another when it needs one; what is at work goes if the process exits.
 */
function onSignal(signal: NodeJS.Signals): void {
  ignoreSignals();
  if (process.listenerCount(signal) === 0) {
    removeAll();
    process.kill(process.pid, signal);
    return;
  }
  for (const removable of removables) removable.retire();
  setImmediate(() => {
    if (listening) listenToSignals();
  });
}
