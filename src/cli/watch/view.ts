/** What a watch is shown by. */
import type { ChronyConnection } from '../../client/connection.ts';
import type { ChronyError } from '../../errors.ts';

/** @typeParam Asked - what it asks */
export interface View<T, Asked = ChronyConnection> {
  /** What it wants to know. */
  ask(asked: Asked): Promise<T>;
  show(value: T): Promise<void>;
  /** A request failed; the watch goes on. */
  fail(error: ChronyError): Promise<void>;
  /** Nothing more will come. Called once, however it ends. */
  end(): Promise<void>;
}
