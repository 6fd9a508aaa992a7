/** A clock that nobody sets. Not `performance`, which on its first use loads more than all the rest of a query. */

// taken now, so that a test's fake timers do not stop it
const { bigint } = process.hrtime;

/** Milliseconds since some moment, with a fraction. */
export function monotonicMs(): number {
  return Number(bigint()) / 1e6;
}
