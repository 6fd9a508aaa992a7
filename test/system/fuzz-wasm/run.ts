/** The length and the seed of the fuzzing. */

const datagrams = process.env['CHRONY_FUZZ_DATAGRAMS'];

/** True for a long run, which writes its figures. */
export const IS_LONG = datagrams !== undefined;

/** The number of datagrams for sessions: CHRONY_FUZZ_DATAGRAMS sets it. */
export const DATAGRAMS = Number(datagrams ?? 20_000);

/** The number of datagrams over a socket, which take longer. */
export const SOCKET_DATAGRAMS = Math.ceil(DATAGRAMS / 10);

/** The random seed: CHRONY_FUZZ_SEED sets it, to repeat a failure. */
export const SEED = Number(process.env['CHRONY_FUZZ_SEED'] ?? Date.now() & 0x7fffffff);

/** An error with the seed that repeats the failure. */
export function withSeed(seed: number, failure: unknown): Error {
  return new Error(`repeat with CHRONY_FUZZ_SEED=${seed}: ${String(failure)}`, { cause: failure });
}
