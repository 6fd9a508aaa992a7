/**
 * The system's timers and clock. They are captured when this module is loaded, so that fake timers in a user's test do
 * not stop running requests.
 */
import * as timers from 'node:timers';

// copied, because a test may also replace the module's functions, and CommonJS would look them up at each call
export const { clearImmediate, clearTimeout, setImmediate, setTimeout } = timers;

const { bigint } = process.hrtime;

/**
 * Returns the monotonic time in milliseconds, with a fraction, since an arbitrary moment. Does not use `performance`:
 * its first use loads more code than the rest of a query.
 */
export function monotonicMs(): number {
  return Number(bigint()) / 1e6;
}
