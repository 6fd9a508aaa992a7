/**
 * From the data of a class to the reply that it is made of, by the class's own table: the inverse of what a client does
 * with a reply. What the server would not know (null) is sent as zero, or as all ones where that is chronyd's way to say
 * so.
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
import { type Asked, encodeReply } from './reply.ts';
import { absoluteTime, type Times } from './times.ts';
import { timespec } from './wire.ts';

/**
 * A successful reply that holds the data of a class.
 *
 * @param fields - the class's table
 * @throws RangeError naming the field that cannot hold its value; TypeError for the name of a value that has no number.
 */
export function encodeRecord<R extends ReplyCode, T extends FieldTable>(
  reply: R,
  to: Asked,
  fields: T,
  data: Readonly<Record<keyof T, unknown>>,
  times: Times,
): Uint8Array {
  return encodeReply(reply, to, wireValues(fields, data, rowsOf(reply), times) as Partial<ReplyValues<R>>);
}

/**
 * A successful reply whose list holds the data of objects of a class.
 *
 * @param head - the fields before the list, as `encodeReply` takes them
 * @param fields - the class's table
 * @throws as {@link encodeRecord}, and a RangeError for more entries than there is room for.
 */
export function encodeList<R extends ListCode, T extends FieldTable>(
  reply: R,
  to: Asked,
  head: Partial<ReplyValues<R>>,
  fields: T,
  entries: readonly Readonly<Record<keyof T, unknown>>[],
  times: Times,
): Uint8Array {
  const { entry } = listOf(reply);
  const values = entries.map((data) => wireValues(fields, data, entry, times));
  return encodeReply(reply, to, head, values as Partial<EntryValues<R>>[]);
}

/** The values of fields as the wire has them, by the fields' names. */
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
    // several properties may be bits of one field
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

/** A property's value as its field has it. */
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
