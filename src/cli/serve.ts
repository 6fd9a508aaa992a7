/** The command `serve`. What it needs is loaded by it alone. */
import type { Choices } from './arguments.ts';
import { healthThresholds } from './check/thresholds.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage.ts';

/** @returns the exit status */
export async function runServe(
  { format, interval, options, values }: Choices,
  output: Output,
  version: string,
): Promise<number> {
  if (format !== 'text')
    throw new UsageError(`--${format} makes no sense with serve; see /api of what it serves`);
  const thresholds = healthThresholds(values);
  const { readServerOptions, ServerError, serve, unitFor } = await import('#serve');
  try {
    const settings = readServerOptions({ ...values, interval }, options, thresholds);
    if (values['print-unit']) await output.write(await unitFor(values, settings));
    else await serve(settings, version, (message) => output.complain(message));
    return 0;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.isUsage) throw new UsageError(error.message);
    output.complain(error.message);
    return 1;
  }
}
