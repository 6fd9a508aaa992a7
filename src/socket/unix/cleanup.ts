/** Closes Unix sockets before the process or the thread ends. Listens to the process only while a socket is open. */
import { setImmediate } from '../../util/timers.ts';

/** A socket whose files remain unless it is closed. */
export interface Closable {
  /** Closes the socket and removes its files at once. */
  close(): void;
  /** Closes the socket and notifies its owner, unless a reply is awaited. The process may end soon or continue. */
  retire(): void;
}

/**
 * True in Deno. Deno hides the listeners of `Deno.addSignalListener()`, and calls listeners in a different order than
 * Node.js, so it is not possible to know if a program handles a signal. Instead of listening to signals, idle sockets
 * are closed after a short time.
 */
export const LEAVES_SIGNALS_ALONE = process.versions['deno'] !== undefined;

/**
 * The signals that commonly end a program. After any other signal, such as SIGKILL, the next process removes the files.
 * Other signals, such as SIGPROF and SIGUSR2, may have a handler in native code, which our listener would replace.
 */
const SIGNALS = LEAVES_SIGNALS_ALONE ? [] : (['SIGINT', 'SIGTERM', 'SIGHUP'] as const);

/**
 * Marks {@link onSignal}, so that several copies of this package in a process recognize each other's listeners, even if
 * their versions differ. A marked listener does not handle the signal itself. If all listeners are marked, each one
 * closes the sockets of its copy and removes itself, and the last one sends the signal again.
 */
const ENDS_BY_DEFAULT = Symbol.for('chrony-wasm: ends by default');

const closables = new Set<Closable>();
let listening = false;

/** Registers a socket to be closed when the process or the thread exits, or a signal ends the process. */
export function closeAtExit(closable: Closable): void {
  closables.add(closable);
  listen();
}

/** Unregisters a socket that was closed. */
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
  // before the others, because a listener added by once() is removed before it is called, and could not be seen
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
 * A signal must have the same effect as without this package. If there is no other listener, the signal is sent again
 * with its default effect. Otherwise the other listeners decide. Some of them count the listeners, so ours is removed
 * until they have run. The process may end without an `exit` event, so idle sockets are closed now, and their owners
 * open new ones when needed. Sockets in use are closed if the process exits.
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
