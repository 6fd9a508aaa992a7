/** Compares the ten typed reports with chronyc's CSV. */
import { expect } from 'vitest';
import { NtpData } from '../../src/index.ts';
import { installedChronyc } from './chronyc.ts';
import { columns, NTPDATA_IDS, TIME } from './columns.ts';
import { asPrintedBy } from './differences.ts';
import type { Name } from './getters.ts';

/** The column that contains a time in each report, and the corresponding property. */
const times: Partial<Record<Name, readonly [column: number, property: string]>> = {
  tracking: [3, 'refTime'],
  ntpdata: [17, 'refTime'],
  rtcdata: [0, 'refTime'],
};

/** Compares our report with chronyc's lines. */
export function compareColumns(name: Name, ours: unknown, printed: readonly string[][]): void {
  const all = (Array.isArray(ours) ? ours : [ours]) as object[];
  // chronyc omits sources with an unresolved name, in ntpdata only
  const records = all.filter(
    (record) => !(record instanceof NtpData && record.remoteAddress.startsWith('ID#')),
  );
  const toColumns = columns[name] as (record: object) => unknown[];
  const time = times[name];
  const lines = printed.map((line, i) => {
    if (time === undefined) return line;
    const [column, property] = time;
    const value = Number(Reflect.get(records[i] ?? {}, property));
    expect(Math.abs(value - Number(line[column]))).toBeLessThan(1e-6);
    return line.with(column, TIME);
  });
  const comparable =
    name === 'ntpdata' ? lines.map((line) => line.filter((_, i) => !NTPDATA_IDS.includes(i))) : lines;
  const rows = records.map((record) => `${toColumns(record).join(',')}\n`);
  const expected = comparable.map((line) => `${line.join(',')}\n`);
  expect(asPrintedBy(installedChronyc().version, ['-c', name], rows.join(''))).toBe(expected.join(''));
}
