/** Which sources a report is printed of, and which source a record is of. */

import { sameAddress } from '../chronyc/address.ts';
import { Fields, sourceName } from '../chronyc/fields.ts';
import { type ChronyConnection, recordsWithAddress } from '../client/connection.ts';
import { ChronyDataError } from '../errors.ts';
import type { ReportField } from '../reports/report-field.ts';
import { isUnresolved, type SourceData, sourceOf } from '../reports/source-name.ts';

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

/**
 * The records of a report that does not say, or not reliably, which source each is of: each with the address of its
 * source in front. Reference clocks, about which such a report says nothing, are left out.
 *
 * @throws ChronyError
 */
export async function recordsWithAddresses(
  chrony: ChronyConnection,
  report: 'authdata' | 'ntpdata',
): Promise<ReportField[][]> {
  const records = await recordsWithAddress(chrony, report);
  return records.map(({ address, record }) => [
    { name: 'address', type: 'string', content: 'address', value: address },
    ...record,
  ]);
}
