/** What the operator tells a process: to end, and to read its files anew. */

import { ChronyError } from 'chrony-wasm';
import { CLOSED } from '../client/closed.ts';

const ENDS = ['SIGINT', 'SIGTERM'] as const;

export class Signals implements Disposable {
  readonly #ending = new AbortController();
  readonly #renew: () => void;

  /** @param renew - called for each SIGHUP */
  constructor(renew: () => void) {
    this.#renew = renew;
    process.on('SIGHUP', renew);
    for (const signal of ENDS) process.on(signal, this.#end);
  }

  /** Aborted by the first that ends it; a second one ends the process as if nobody listened. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  readonly #end = (): void => {
    for (const signal of ENDS) process.off(signal, this.#end);
    // an end in peace
    this.#ending.abort(new ChronyError('it is to end', { code: CLOSED }));
  };

  [Symbol.dispose](): void {
    process.off('SIGHUP', this.#renew);
    this.#end();
  }
}
