/** What both kinds of registries are given: some of the metrics, and who surveys chronyd for them. */
import process from 'node:process';
import type { ChronyError, ReportName } from 'chrony-wasm';
import { Surveyor, type SurveyorOptions } from './collector.ts';
import { families } from './families.ts';
import type { Family } from './family.ts';

export interface Collection {
  readonly families: readonly Family[];
  readonly surveyor: Surveyor;
}

/**
 * The metrics of the reports that are wanted. Unless the options have another, a refusal is a warning of the process.
 *
 * @throws TypeError, RangeError, ChronyConnectionError as the Surveyor does.
 */
export function collectionOf({ onRefused = warn, ...options }: SurveyorOptions): Collection {
  const surveyor = new Surveyor({ ...options, onRefused });
  return {
    families: families.filter(({ report }) => report === null || surveyor.reports.includes(report)),
    surveyor,
  };
}

function warn(name: ReportName, { code, message }: ChronyError): void {
  process.emitWarning(`no metrics of ${name}: ${message}`, { code });
}
