/** Selects the sources of a report, and adds their addresses and names to its records. */
import { sameAddress } from '../chronyc/address.ts';
import { Fields, ntpAddress, sourceAddress, withName } from '../chronyc/fields.ts';
import { type ChronyConnection, namesOf, recordsWithAddress } from '../client/connection.ts';
import { isSourceAddress } from '../client/names.ts';
import { ChronyDataError } from '../errors.ts';
import type { ReportField } from '../reports/report-field.ts';
import { isUnresolved, type SourceData, sourceOf } from '../reports/source-name.ts';

/** The sources with resolved names, as in chronyc's output; all sources; or the source with this address. */
export type SourceChoice = 'resolved' | 'all' | { readonly address: string };

/** The sources that a report prints, and how it names them. */
export interface Selection {
  readonly sources: SourceChoice;
  /** Whether to show their names in chronyd's configuration. */
  readonly names: boolean;
}

function isChosen(name: string, choice: SourceChoice): boolean {
  if (choice === 'all') return true;
  return choice === 'resolved' ? !isUnresolved(name) : sameAddress(name, choice.address);
}

function chosen<T>(list: readonly T[], nameOf: (each: T) => string, choice: SourceChoice): T[] {
  const found = list.filter((each) => isChosen(nameOf(each), choice));
  if (found.length > 0 || typeof choice === 'string') return found;
  throw noSuchSource(choice.address);
}

export function noSuchSource(address: string): ChronyDataError {
  return new ChronyDataError(`chronyd has no NTP source ${address}; see chrony-wasm sources`);
}

export function chosenRecords(records: readonly ReportField[][], choice: SourceChoice): ReportField[][] {
  return chosen(records, (record) => sourceAddress(new Fields(record)), choice);
}

export function chosenData(data: readonly SourceData[], choice: SourceChoice): SourceData[] {
  return chosen(data, sourceOf, choice);
}

/**
 * Returns the records of a report that does not name the source of a record reliably, each with the address of its source
 * as the first field. Reference clocks are left out: these reports have no data about them.
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

/** Adds the names of sources to records, for text and CSV. A record is unchanged if chronyd gives no name. */
export async function namedRecords(
  chrony: ChronyConnection,
  records: readonly ReportField[][],
): Promise<ReportField[][]> {
  const addresses = records.map((record) => ntpAddress(new Fields(record)));
  const names = await namesOf(chrony, addresses.filter(isSourceAddress));
  return records.map((record, i) => {
    const name = names.get(addresses[i] ?? '');
    return typeof name === 'string' ? withName(record, name) : record;
  });
}

/** Adds the names of sources to data, for JSON. The name is null for a reference clock, and if chronyd gives no name. */
export async function namedData<T extends object>(
  chrony: ChronyConnection,
  data: readonly T[],
  addressOf: (each: T) => string | null,
): Promise<object[]> {
  const addresses = data.map((each) => addressOf(each) ?? '');
  const names = await namesOf(chrony, addresses.filter(isSourceAddress));
  return data.map((each, i) => ({ ...each, name: names.get(addresses[i] ?? '') ?? null }));
}
