/** Reads a field of a record by name, for tests that need no report class. */
import type { RecordReader } from '../../src/sandbox/record.ts';

/** The number in a field; NaN if the record does not have the field. */
export function numberIn(record: RecordReader, name: string): number {
  const value = record.toFields().find((field) => field.name === name)?.value;
  return value === undefined ? Number.NaN : Number(value);
}
