/**
 * The thread that compares passwords with bcrypt hashes. Each comparison takes 0.1 s of CPU time or more. It is a
 * separate file, because a thread is started from a file.
 */
import { parentPort } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

/** The message to the thread. */
export interface Comparison {
  readonly password: string;
  readonly hash: string;
}

/** The message from the thread, in the order of the comparisons: true if the password matches the hash. */
export type Compared = boolean;

parentPort?.on('message', ({ password, hash }: Comparison) => {
  parentPort?.postMessage(compareSync(password, hash) satisfies Compared);
});
