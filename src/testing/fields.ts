/**
 * Encodes the data of a class as a reply, by the class's own field table. This is the inverse of what a client
 * does. A null (not known to the server) is sent as zero, or as all ones in the fields where chronyd does so.
 */
import {
  Address,
  ALL_ONES,
  Bool,
  CountIfSent,
  CountUnlessNone,
  Derived,
  EachOf,
  type Field,
  type FieldTable,
  Flag,
  FlagsByName,
  IntervalIfKnown,
  OneOf,
  OneOfUnlessZero,
  UNKNOWN_INTERVAL,
} from '../reports/record.ts';
import { bitsOf, codeOf, codeOrZero, codesOf, flagBits, trueNames } from './constants.ts';
import {
  type EntryValues,
  type ListCode,
  listOf,
  type ReplyCode,
  type ReplyValues,
  type Row,
  rowsOf,
} from './layouts.ts';
import { encodeReply, type RequestHeader } from './reply.ts';
import { absoluteTime, type Times } from './times.ts';
import { timespec } from './wire.ts';

/**
 * Encodes a successful reply with the data of a class.
 *
 * @param fields - the class's field table
 * @throws RangeError naming the field that cannot hold its value; TypeError
 * for the name of an enumeration value that does not exist.
 */
export function encodeRecord<R extends ReplyCode, T extends FieldTable>(
  reply: R,
  to: RequestHeader,
  fields: T,
  data: Readonly<Record<keyof T, unknown>>,
  times: Times,
): Uint8Array {
  return encodeReply(reply, to, wireValues(fields, data, rowsOf(reply), times) as Partial<ReplyValues<R>>);
}

/**
 * Encodes a successful reply with a list of objects of a class.
 *
 * @param head - the fields before the list, in the form of `encodeReply`
 * @param fields - the class's field table
 * @throws as {@link encodeRecord}, and a RangeError for more entries than
 * fit.
 */
export function encodeList<R extends ListCode, T extends FieldTable>(
  reply: R,
  to: RequestHeader,
  head: Partial<ReplyValues<R>>,
  fields: T,
  entries: readonly Readonly<Record<keyof T, unknown>>[],
  times: Times,
): Uint8Array {
  const { entry } = listOf(reply);
  const values = entries.map((data) => wireValues(fields, data, entry, times));
  return encodeReply(reply, to, head, values as Partial<EntryValues<R>>[]);
}

/** The wire values of fields, by field name. */
function wireValues<T extends FieldTable>(
  fields: T,
  data: Readonly<Record<keyof T, unknown>>,
  rows: readonly Row[],
  times: Times,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [property, field] of Object.entries(fields)) {
    if (field instanceof Derived) continue;
    const value = wireValue(field, data[property]);
    // several properties may be flags of one field
    values[field.name] = isFlags(field) ? Number(values[field.name] ?? 0) | Number(value) : value;
  }
  for (const [name, type] of rows) {
    if (type === 'ts') values[name] = timespec(absoluteTime(Number(values[name]), times.now), times.bits);
  }
  return values;
}

function isFlags(field: Field): boolean {
  return field instanceof Flag || field instanceof FlagsByName;
}

/** The wire value of a property. */
function wireValue(field: Field, value: unknown): unknown {
  if (field instanceof OneOf) return codeOf(codesOf(field.names), value as string);
  if (field instanceof OneOfUnlessZero) return codeOrZero(codesOf(field.names), value as string | null);
  if (field instanceof EachOf) return bitsOf(codesOf(field.names), value as readonly string[]);
  if (field instanceof Flag) return value ? codeOf(flagBits, field.flag) : 0;
  if (field instanceof FlagsByName)
    return bitsOf(flagBits, trueNames(value as Readonly<Record<string, boolean>>));
  if (field instanceof Bool) return Number(value);
  if (field instanceof CountUnlessNone) return value ?? ALL_ONES;
  if (field instanceof IntervalIfKnown) return value ?? UNKNOWN_INTERVAL;
  if (field instanceof CountIfSent) return value ?? 0;
  if (field instanceof Address) return value === '' ? null : value;
  return value;
}
