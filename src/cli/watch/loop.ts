/** Asks again and again, until something ends it. */

import { repeating } from '../../client/repeating.ts';
import { ChronyError } from '../../errors.ts';
import type { Choices } from '../arguments.ts';
import type { Output } from '../output.ts';
import { Interruption } from './interruption.ts';
import type { View } from './view.ts';

export const DEFAULT_INTERVAL_S = 1;

/**
 * @param open - opens what the view asks
 * @returns the exit status: 1 if a request failed
 */
export async function watchBy<T, Asked extends AsyncDisposable>(
  open: (signal: AbortSignal) => Promise<Asked>,
  view: View<T, Asked>,
  { interval = DEFAULT_INTERVAL_S, count }: Choices,
  output: Output,
): Promise<number> {
  using interruption = new Interruption(output.gone);
  const { signal } = interruption;
  let turns = 0;
  let failures = 0;
  try {
    await using asked = await open(signal);
    for await (const outcome of repeating(() => view.ask(asked), interval * 1000, { signal })) {
      turns++;
      if (!(outcome instanceof ChronyError)) await view.show(outcome);
      // what fails at once does not pass: nobody is there, or this is not allowed
      else if (turns === 1) throw outcome;
      else {
        failures++;
        await view.fail(outcome);
      }
      if (turns === count) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await view.end();
  }
  return failures > 0 ? 1 : 0;
}
