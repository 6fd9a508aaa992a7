/** The report `activity`. */
import type { ReportFormat } from './report-format.ts';

const COUNTS = [
  ['online sources', 'sources online'],
  ['offline sources', 'sources offline'],
  ['burst online-return sources', 'sources doing burst (return to online)'],
  ['burst offline-return sources', 'sources doing burst (return to offline)'],
  ['unresolved sources', 'sources with unknown address'],
] as const;

export const activity: ReportFormat = {
  heading: '200 OK\n',
  text: (fields) => COUNTS.map(([field, label]) => `${fields.integer(field)} ${label}\n`).join(''),
  cells: (fields) => COUNTS.map(([field]) => fields.integer(field)),
};
