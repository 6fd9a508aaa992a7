/** Why a report is not there. */
import type { ReportName } from '../../reports/index.ts';
import type { Update } from '../../server/messages.ts';
import { capitalised } from '../fields/field.ts';

export function whyMissing({ failures }: Update, name: ReportName): string {
  return capitalised(
    failures[name]?.message ??
      `the server does not ask for it; start it with --reports and ${name} among others`,
  );
}

export function isMissing({ reports }: Update, name: ReportName): boolean {
  return !(name in reports);
}
