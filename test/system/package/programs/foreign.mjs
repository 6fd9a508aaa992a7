/** Signals that the runtime does not know. */
import { createContext, runInContext } from 'node:vm';

/** Of another realm, as sparse as old polyfills are. Counts its listeners. */
export const foreign = runInContext(
  `class AbortSignal {
     aborted = false;
     reason = undefined;
     listeners = [];
     addEventListener(type, listener) { if (type === 'abort') this.listeners.push(listener); }
     removeEventListener(type, listener) { this.listeners = this.listeners.filter((each) => each !== listener); }
   }
   class AbortController {
     signal = new AbortSignal();
     abort(reason) {
       if (this.signal.aborted) return;
       this.signal.aborted = true;
       this.signal.reason = reason;
       for (const listener of this.signal.listeners) listener();
     }
   }
   class EventTarget {}
   class Event {}
   class DOMException extends Error {
     constructor(message, name) { super(message); this.name = name; }
   }
   ({ AbortSignal, AbortController, EventTarget, Event, DOMException })`,
  createContext(),
);

/** Replaces the globals with these names, which are separated by commas, as a test environment does it. */
export function replaceGlobals(names) {
  for (const name of names.split(',').filter(Boolean)) {
    Object.defineProperty(globalThis, name, { value: foreign[name], configurable: true, writable: true });
  }
}
