/**
 * How the decoders of several reports read what a {@link ReportRecord} leaves to them: "none", booleans, and
 * a source's name.
 */
import type { ReportRecord } from './record.ts';
import { referenceIdText } from './reference-id.ts';

/** All ones in a 32-bit field: chronyd's way to say "never" or "not counted". */
const NONE = 0xffffffff;

/** A 32-bit number; null where chronyd has none. */
export function numberUnlessNone(record: ReportRecord, field: string): number | null {
  const value = record.number(field);
  return value === NONE ? null : value;
}

/**
 * The name of an enumeration's value; null for 0, in the enumerations where 0 says that nothing is known yet.
 */
export function choiceUnlessZero(record: ReportRecord, field: string): string | null {
  return record.number(field) === 0 ? null : record.choice(field);
}

/** A field that is 0 or 1. */
export function boolean(record: ReportRecord, field: string): boolean {
  return record.number(field) !== 0;
}

/**
 * How a source is called: by its address, or, as a reference clock has none, by its reference ID. The
 * record of such a clock either leaves the address unspecified or does not have the field.
 */
export function sourceAddress(record: ReportRecord): string {
  const address = record.has('address') ? record.address('address') : null;
  return address ?? referenceIdText(record.number('reference ID'));
}
