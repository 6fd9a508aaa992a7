/** How long the fuzzing goes on, and where it begins. */

const asked = process.env['CHRONY_FUZZ_DATAGRAMS'];

/** True for a run that is made for its figures. */
export const IS_LONG = asked !== undefined;

/** How many datagrams go into sessions: CHRONY_FUZZ_DATAGRAMS sets it. */
export const DATAGRAMS = Number(asked ?? 20_000);

/** How many go over a socket, which takes longer. */
export const SOCKET_DATAGRAMS = Math.ceil(DATAGRAMS / 10);

/** Where the random numbers begin: CHRONY_FUZZ_SEED sets it, to do again what failed. */
export const SEED = Number(process.env['CHRONY_FUZZ_SEED'] ?? Date.now() & 0x7fffffff);

/** A failure, and how to have it again. */
export function again(seed: number, failure: unknown): Error {
  return new Error(`do it again with CHRONY_FUZZ_SEED=${seed}: ${String(failure)}`, { cause: failure });
}
