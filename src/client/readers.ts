/** The ways to read one record of a report: as an object of its class, or as fields. */

import { type AuthData, decoders, type ReportDecoder } from '../reports/index.ts';
import type { ReportField } from '../reports/report-field.ts';
import { type ReadRecord, SourcesChanged } from './source-records.ts';

/** As an object of the report's class; null where the report has nothing about this source. */
export function asClass<T>(decoder: ReportDecoder<T>): ReadRecord<T | null> {
  return (channel, index) =>
    channel.record(decoder.report, index, (record) => (record.length === 0 ? null : decoder.decode(record)));
}

/** As fields, whatever they are. */
export function asFields(report: string): ReadRecord<ReportField[]> {
  return (channel, index) => channel.record(report, index, (record) => record.toFields());
}

/**
 * As {@link AuthData}, whose record does not say which source it is of: the one that has its place in `sourcestats`,
 * from which the C library, too, takes the address that it asks about; if it has it before and after.
 */
export const asAuthData: ReadRecord<AuthData | null> = async (channel, index) => {
  const { sourcestats, authdata } = decoders;
  const addressOf = () => channel.record(sourcestats.report, index, (record) => record.address('address'));
  const address = await addressOf();
  if (address === null) return null;
  const data = await channel.record(authdata.report, index, (record) =>
    record.length === 0 ? null : authdata.decode(record, address),
  );
  if ((await addressOf()) !== address) throw new SourcesChanged();
  return data;
};
