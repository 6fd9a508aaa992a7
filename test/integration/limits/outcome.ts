/** The outcomes of calls in a printable form. */
import { ChronyError } from '../../../src/index.ts';

export interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** `answered`, the failure, or the text of an error that is not of this package. */
export async function outcome(call: Promise<unknown>): Promise<'answered' | Failure | string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    if (!(error instanceof ChronyError)) return String(error);
    const { name, code, message } = error;
    return { name, code, message };
  }
}
