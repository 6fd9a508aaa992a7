/**
 * Time as the system has it. All of it is taken when this module is loaded, so that the fake timers of a user's test do
 * not stop what is under way.
 */
import * as timers from 'node:timers';

// copies: a test may replace the functions of the module, too, which CommonJS looks up at each call
export const { clearImmediate, clearTimeout, setImmediate, setTimeout } = timers;

const { bigint } = process.hrtime;

/**
 * Milliseconds since some moment, with a fraction, by a clock that nobody sets. Not `performance`, which on its first use
 * loads more than all the rest of a query.
 */
export function monotonicMs(): number {
  return Number(bigint()) / 1e6;
}
