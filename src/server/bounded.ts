/** A survey in the time that who asked has. */
import { ChronyTimeoutError, type ReportName } from '../index.ts';
import { outcomesOfFailure, type Survey } from '../survey/survey.ts';

const DEFAULT_MS = 5000;
const LONGEST_MS = 30_000;
/** What it takes to write and send the answer. */
const MARGIN = 0.1;
const LEAST_MARGIN_MS = 100;

/** @param seconds - what Prometheus says of how long it waits, in its header */
export function patienceMs(seconds: string): number {
  const ms = Math.min(Number(seconds) * 1000, LONGEST_MS);
  if (!(ms > 0)) return DEFAULT_MS;
  return ms - Math.min(Math.max(ms * MARGIN, LEAST_MARGIN_MS), ms / 2);
}

/** The survey; or, if it is not there in that time, one in which all has failed. */
export async function inTime(
  survey: Promise<Survey>,
  ms: number,
  names: readonly ReportName[],
): Promise<Survey> {
  const start = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Survey>((resolve) => {
    timer = setTimeout(() => {
      const error = new ChronyTimeoutError(
        `chronyd did not answer in the ${Math.round(ms)} ms that there were for it`,
      );
      resolve({
        time: start / 1000,
        seconds: ms / 1000,
        reports: outcomesOfFailure(names, error, ms / 1000),
      });
    }, ms);
  });
  try {
    return await Promise.race([survey, late]);
  } finally {
    clearTimeout(timer);
  }
}
