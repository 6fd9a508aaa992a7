/** The command `bound`: the time, as an interval that holds the true time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { offset } from '../chronyc/values.ts';
import { BoundedClock } from '../clock/bounded-clock.ts';
import type { BoundedTime } from '../clock/bounded-time.ts';
import { maxClockErrorHint } from '../clock/max-clock-error.ts';
import { isoTime } from '../clock/nanoseconds.ts';
import { json } from '../util/json.ts';
import { type CommandOptions, UsageError } from './arguments.ts';
import type { Output } from './output.ts';
import { type View, watchWith } from './watch/loop.ts';

/** @returns the exit status */
export async function runBound(options: CommandOptions, output: Output): Promise<number> {
  const { format, connection, values, watch } = options;
  if (format === 'csv') throw new UsageError('bound cannot print CSV; use --json');
  if (watch) return watchBound(options, output);
  for (const option of ['interval', 'count'] as const) {
    if (options[option] !== undefined)
      throw new UsageError(`--${option} cannot be used with bound alone; add --watch`);
  }
  const allowLocal = values['allow-local'];
  await using clock = await BoundedClock.start({ ...connection, allowLocal, intervalMs: LEARN_MS });
  // the second request shows what chronyd allows the clock to drift
  for (let tries = 0; clock.status === 'synchronized' && clock.maxClockErrorPpm === null; tries++) {
    if (tries === LEARN_TRIES) break;
    await sleep(LEARN_MS);
  }
  const time = clock.now();
  const pretty = output.terminal !== null;
  await output.write(format === 'json' ? boundedTimeJson(time, pretty) : boundedTimeText(time, clock));
  return 0;
}

function watchBound(options: CommandOptions, output: Output): Promise<number> {
  const { format, connection, values } = options;
  const allowLocal = values['allow-local'];
  const view: View<BoundedTime, BoundedClock> = {
    query: async (clock) => clock.now(),
    show: (time) => output.write(format === 'json' ? boundedTimeJson(time, false) : boundedTimeLine(time)),
    fail: async ({ message }) => output.complain(message),
    end: async () => {},
  };
  return watchWith(
    (signal) => BoundedClock.start({ ...connection, allowLocal, signal }),
    view,
    options,
    output,
  );
}

/** The number of requests for learning `maxclockerror`, and the time between them. */
const LEARN_TRIES = 3;
const LEARN_MS = 100;

/** Half of the interval's width: a few digits and a unit. */
function halfWidth({ earliest, latest }: BoundedTime): string {
  return offset(Number(latest - earliest) / 2e9).trim();
}

function age({ asOfAgeMs }: BoundedTime): string {
  return offset(asOfAgeMs / 1000).trim();
}

/** The text for a single request. */
function boundedTimeText(time: BoundedTime, { reason, maxClockErrorPpm }: BoundedClock): string {
  const hint = maxClockErrorHint(maxClockErrorPpm);
  const entries = {
    Earliest: isoTime(time.earliest),
    Latest: isoTime(time.latest),
    'Half-width': halfWidth(time),
    Status: `${time.status}: ${reason}`,
    Asked: `${age(time)} ago`,
    ...(hint === null ? {} : { Hint: hint }),
  };
  return Object.entries(entries)
    .map(([name, text]) => `${name.padEnd(16)}: ${text}\n`)
    .join('');
}

/** One line of `--watch`. */
function boundedTimeLine(time: BoundedTime): string {
  return `${isoTime(time.earliest)} ${isoTime(time.latest)} ${halfWidth(time)} ${time.status} ${age(time)}\n`;
}

/** Nanoseconds are strings of digits: most of them are too large for a double, and many JSON parsers use doubles. */
function boundedTimeJson(time: BoundedTime, pretty: boolean): string {
  const { earliest, latest, midpoint, errorBoundNs } = time;
  const digits = Object.entries({ earliest, latest, midpoint, errorBoundNs }).map(([name, ns]) => [
    name,
    String(ns),
  ]);
  return json({ ...time, ...Object.fromEntries(digits) }, pretty);
}
