/** What both kinds of registries are given: some of the metrics, and who surveys chronyd for them. */
import process from 'node:process';
import type { ChronyError, ReportName } from '../index.ts';
import { REPORTS } from '../survey/survey.ts';
import { Surveyor, type SurveyorOptions } from '../survey/surveyor.ts';
import { families } from './families.ts';
import type { Family } from './family.ts';

export interface Collection {
  readonly families: readonly Family[];
  readonly surveyor: Surveyor;
}

/**
 * The metrics of the reports that are wanted. Unless the options have another, a refusal is a warning of the process.
 *
 * @throws RangeError for a report that is none.
 */
export function collectionOf({
  reports = REPORTS,
  onRefused = warn,
  ...options
}: SurveyorOptions): Collection {
  const unknown = reports.find((name) => !REPORTS.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`there is no report '${unknown}'; the reports are: ${REPORTS.join(', ')}`);
  }
  return {
    families: families.filter(({ report }) => report === null || reports.includes(report)),
    surveyor: new Surveyor({ ...options, reports, onRefused }),
  };
}

/** What there is to say of a refusal, in one line. */
export function refusal(name: ReportName, { message }: ChronyError): string {
  return `no metrics of ${name}: ${message}`;
}

function warn(name: ReportName, error: ChronyError): void {
  process.emitWarning(refusal(name, error), { code: error.code });
}
