/** The command `bound`: between which moments the true time is. */
import { BoundedClock } from '../clock/bounded-clock.ts';
import type { BoundedTime } from '../clock/bounded-time.ts';
import type { Choices } from './arguments.ts';
import { boundedTimeJson, boundedTimeLine, boundedTimeText } from './bounded-time.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage.ts';
import { watchBy } from './watch/loop.ts';
import type { View } from './watch/view.ts';

/** @returns the exit status */
export async function runBound(choices: Choices, output: Output): Promise<number> {
  const { format, options, values, watch } = choices;
  if (format === 'csv') throw new UsageError('bound has no CSV; use --json');
  if (watch) return watchBound(choices, output);
  for (const option of ['interval', 'count'] as const) {
    if (choices[option] !== undefined)
      throw new UsageError(`--${option} makes no sense with bound alone; add --watch`);
  }
  await using clock = await BoundedClock.start({ ...options, allowLocal: values['allow-local'] });
  const time = clock.now();
  const pretty = output.terminal !== null;
  await output.write(format === 'json' ? boundedTimeJson(time, pretty) : boundedTimeText(time, clock.reason));
  return 0;
}

function watchBound(choices: Choices, output: Output): Promise<number> {
  const { format, options, values } = choices;
  const allowLocal = values['allow-local'];
  const view: View<BoundedTime, BoundedClock> = {
    ask: async (clock) => clock.now(),
    show: (time) => output.write(format === 'json' ? boundedTimeJson(time, false) : boundedTimeLine(time)),
    fail: async ({ message }) => output.complain(message),
    end: async () => {},
  };
  return watchBy((signal) => BoundedClock.start({ ...options, allowLocal, signal }), view, choices, output);
}
