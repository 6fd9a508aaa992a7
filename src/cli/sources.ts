/** Which sources a report is printed of, and which source a record is of. */

import { sameAddress } from '../chronyc/address.ts';
import { Fields, sourceName } from '../chronyc/fields.ts';
import type { ChronyConnection } from '../client/connection.ts';
import { keptChanging, MAX_ROUNDS } from '../client/source-records.ts';
import { ChronyDataError } from '../errors.ts';
import type { ReportField } from '../reports/report-field.ts';
import { isUnresolved, type SourceData, sourceOf } from '../reports/source-data.ts';

/** Those whose name is resolved, as chronyc does it; all of them; or the one with this address. */
export type SourceChoice = 'resolved' | 'all' | { readonly address: string };

function isChosen(name: string, choice: SourceChoice): boolean {
  if (choice === 'all') return true;
  return choice === 'resolved' ? !isUnresolved(name) : sameAddress(name, choice.address);
}

function chosen<T>(list: readonly T[], nameOf: (each: T) => string, choice: SourceChoice): T[] {
  const found = list.filter((each) => isChosen(nameOf(each), choice));
  if (found.length > 0 || typeof choice === 'string') return found;
  throw new ChronyDataError(`chronyd has no NTP source ${choice.address}; see chrony-wasm sources`);
}

export function chosenRecords(records: readonly ReportField[][], choice: SourceChoice): ReportField[][] {
  return chosen(records, (record) => sourceName(new Fields(record)), choice);
}

export function chosenData(data: readonly SourceData[], choice: SourceChoice): SourceData[] {
  return chosen(data, sourceOf, choice);
}

/** The field `address` of each source. */
async function addresses(chrony: ChronyConnection): Promise<readonly (ReportField | undefined)[]> {
  const records = await chrony.getReport('sourcestats');
  return records.map((record) => record.find(({ name }) => name === 'address'));
}

function sameValues(a: readonly (ReportField | undefined)[], b: typeof a): boolean {
  return a.length === b.length && a.every((field, i) => field?.value === b[i]?.value);
}

/**
 * The records of a report that does not tell, or not reliably, which source each is of: they are given the
 * address from the same place of the list of sources, if that was the same before and after. Reference
 * clocks, which such a report has nothing about, are left out.
 *
 * @throws ChronyError
 */
export async function recordsWithAddresses(
  chrony: ChronyConnection,
  report: string,
): Promise<ReportField[][]> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = await addresses(chrony);
    const records = await chrony.getReport(report);
    if (records.length !== before.length || !sameValues(before, await addresses(chrony))) continue;
    return records.flatMap((record, i) => {
      const address = before[i];
      return address === undefined || record.length === 0 ? [] : [[address, ...record]];
    });
  }
  throw keptChanging(report);
}
