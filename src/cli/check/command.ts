/** The command `check`: a plugin for Nagios, Icinga and whatever else runs such. */
import { checkHealth } from '../../health/health.ts';
import { readThresholds } from '../../health/thresholds.ts';
import { json } from '../../util/json.ts';
import type { Choices } from '../arguments.ts';
import type { Output } from '../output.ts';
import { checkOutput, STATUS } from './output.ts';
import { healthThresholds } from './thresholds.ts';

/** @returns the exit status that tells the state */
export async function checkClock(
  { format, options, values, verbose }: Choices,
  output: Output,
): Promise<number> {
  const thresholds = healthThresholds(values);
  const health = await checkHealth({ ...options, ...thresholds });
  await output.write(
    format === 'json'
      ? json(health, output.terminal !== null)
      : checkOutput(health, readThresholds(thresholds), verbose),
  );
  return STATUS[health.state];
}
