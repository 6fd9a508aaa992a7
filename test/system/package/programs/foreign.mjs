/** Abort signals that are not instances of the runtime's class. */
import { createContext, runInContext } from 'node:vm';

/** Classes of another realm, as minimal as in old polyfills. Their signals count their listeners. */
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

/** Replaces the globals with these names, separated by commas, as a test environment does. */
export function replaceGlobals(names) {
  for (const name of names.split(',').filter(Boolean)) {
    Object.defineProperty(globalThis, name, { value: foreign[name], configurable: true, writable: true });
  }
}
