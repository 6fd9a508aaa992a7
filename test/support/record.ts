/** A field of a record by its name, for tests that need no class. */
import type { RecordReader } from '../../src/sandbox/record.ts';

/** The number in a field. NaN where the record has no such field. */
export function numberIn(record: RecordReader, name: string): number {
  const value = record.toFields().find((field) => field.name === name)?.value;
  return value === undefined ? Number.NaN : Number(value);
}
