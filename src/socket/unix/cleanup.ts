/** Closes Unix sockets before the process or the thread ends. While none is open, nothing listens to the process. */
import { setImmediate } from '../../util/timers.ts';

/** A socket that leaves files behind unless it is closed. */
export interface Closable {
  /** Closes it and removes its files, now. */
  close(): void;
  /** Closes it and tells its owner, unless it awaits an answer. The process may end soon, or go on. */
  retire(): void;
}

/**
 * Deno hides the listeners of `Deno.addSignalListener()`, and calls all in another order than Node.js. So
 * there we cannot know whether a program handles a signal, and leave signals alone; what is idle goes soon
 * instead.
 */
export const LEAVES_SIGNALS_ALONE = process.versions['deno'] !== undefined;

/**
 * The signals that commonly end a program. After any other, as after SIGKILL, the next process removes the files: SIGPROF
 * and SIGUSR2, for example, may have a handler in native code, which a listener of ours would replace.
 */
const SIGNALS = LEAVES_SIGNALS_ALONE ? [] : (['SIGINT', 'SIGTERM', 'SIGHUP'] as const);

/**
 * Marks {@link onSignal}. By the mark, several copies of this package in a process recognize each other's listeners, even if
 * their versions differ. A marked listener does not handle the signal. If all listeners are marked, each one closes the
 * sockets of its copy and removes itself, and the last one sends the signal again.
 */
const ENDS_BY_DEFAULT = Symbol.for('chrony-wasm: ends by default');

const closables = new Set<Closable>();
let listening = false;

/** Has the socket closed when the process or the thread exits, and when a signal ends the process. */
export function closeAtExit(closable: Closable): void {
  closables.add(closable);
  listen();
}

/** For a socket that was closed. */
export function closed(closable: Closable): void {
  closables.delete(closable);
  if (closables.size === 0) ignore();
}

function listen(): void {
  if (listening) return;
  listening = true;
  process.on('exit', closeAll);
  listenToSignals();
}

function ignore(): void {
  if (!listening) return;
  listening = false;
  process.off('exit', closeAll);
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

function closeAll(): void {
  for (const closable of closables) closable.close();
}

function retireAll(): void {
  for (const closable of closables) closable.retire();
}

/**
 * A program must end, or not end, as it would without us. If nobody else listens, the signal is sent again
 * with its default effect. If somebody does, it is theirs to decide, and some decide by counting the
 * listeners: then we are gone for the moment. The process may end without another word, so what is idle goes
 * now, and its owner opens another when it needs one; what is at work goes if the process exits.
 */
function onSignal(signal: NodeJS.Signals): void {
  ignoreSignals();
  const others = process.listeners(signal);
  retireAll();
  if (others.every((listener) => ENDS_BY_DEFAULT in listener)) {
    closeAll();
    if (others.length === 0) process.kill(process.pid, signal);
    return;
  }
  setImmediate(() => {
    if (listening) listenToSignals();
  });
}
onSignal[ENDS_BY_DEFAULT] = true;
