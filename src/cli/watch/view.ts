/** What a watch is shown by. */
import type { ChronyConnection } from '../../connection.ts';
import type { ChronyError } from '../../errors.ts';

export interface View<T> {
  /** What it wants of chronyd. */
  ask(chrony: ChronyConnection): Promise<T>;
  show(value: T): Promise<void>;
  /** A request failed; the watch goes on. */
  fail(error: ChronyError): Promise<void>;
  /** Nothing more will come. Called once, however it ends. */
  end(): Promise<void>;
}
