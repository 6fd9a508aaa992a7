/** Each source, with what all reports say of it. */
import type { AuthData } from '../reports/authdata.ts';
import type { NtpData } from '../reports/ntpdata.ts';
import type { DataOf } from '../reports/record.ts';
import type { SelectData } from '../reports/selectdata.ts';
import type { Source } from '../reports/sources.ts';
import type { SourceStats } from '../reports/sourcestats.ts';
import type { Update } from '../server/messages.ts';
import { reportOf } from './report-data.ts';

/** Undefined is what chronyd does not tell of this source. */
export interface SourceRecords {
  /** Tells it from all others, whatever else changes. */
  readonly key: string;
  readonly source: DataOf<Source>;
  readonly stats: DataOf<SourceStats> | undefined;
  readonly select: DataOf<SelectData> | undefined;
  readonly auth: DataOf<AuthData> | undefined;
  readonly ntp: DataOf<NtpData> | undefined;
}

/**
 * By address. Reference clocks may have the same one, which is their name: then the first of a report is the first of
 * the others, as they are in one order.
 */
export function sourceRecords(sources: readonly DataOf<Source>[], update: Update): SourceRecords[] {
  const stats = byAddress(reportOf(update, 'sourcestats'), ({ address }) => address);
  const select = byAddress(reportOf(update, 'selectdata'), ({ address }) => address);
  const auth = byAddress(reportOf(update, 'authdata'), ({ address }) => address);
  const ntp = byAddress(reportOf(update, 'ntpdata'), ({ remoteAddress }) => remoteAddress);
  const seen = new Map<string, number>();
  return sources.map((source) => {
    const { address } = source;
    const n = seen.get(address) ?? 0;
    seen.set(address, n + 1);
    return {
      key: `${address} ${n}`,
      source,
      stats: stats.get(address)?.[n],
      select: select.get(address)?.[n],
      auth: auth.get(address)?.[n],
      ntp: ntp.get(address)?.[n],
    };
  });
}

function byAddress<T>(
  records: readonly T[] | null | undefined,
  addressOf: (record: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const record of records ?? []) {
    const address = addressOf(record);
    groups.set(address, [...(groups.get(address) ?? []), record]);
  }
  return groups;
}
