/** What calls come to, for programs to print. */
import { ChronyError } from '../../../src/index.ts';

export interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

/** `answered`; how it failed; or the text of an error of another package. */
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
