/**
 * The thread that compares passwords with hashes of bcrypt, each of which takes a processor for a tenth of a second or more. A
 * file of its own, since a thread starts with a file.
 */
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** To the thread. */
export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/** From the thread, in the order of the comparisons: whether the password is the one of the hash. */
export type Compared = boolean;

parentPort?.on('message', ({ password, hash }: Comparison) => {
  parentPort?.postMessage(compareSync(password, hash) satisfies Compared);
});
