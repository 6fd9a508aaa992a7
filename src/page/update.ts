/** An update from the server: its reports, and the records of each source joined. */
import type { AuthData } from '../reports/authdata.ts';
import type { NtpData } from '../reports/ntpdata.ts';
import type { DataOf } from '../reports/record.ts';
import type { SelectData } from '../reports/selectdata.ts';
import type { Source } from '../reports/sources.ts';
import type { SourceStats } from '../reports/sourcestats.ts';
import type { Update } from '../server/messages.ts';

type Reports = Update['reports'];
type Data<T> = T extends readonly (infer Item)[] ? readonly DataOf<Item>[] : T extends object ? DataOf<T> : T;

/** Returns a report as the data of its class; undefined if chronyd did not give it. */
export function reportOf<Name extends keyof Reports>(
  { reports }: Update,
  name: Name,
): Data<NonNullable<Reports[Name]>> | null | undefined;
export function reportOf({ reports }: Update, name: keyof Reports): unknown {
  return reports[name];
}

/** The records of a source in all reports; undefined if a report has none. */
export interface SourceRecords {
  /** Unique and stable over updates. */
  readonly key: string;
  readonly source: DataOf<Source>;
  readonly stats: DataOf<SourceStats> | undefined;
  readonly select: DataOf<SelectData> | undefined;
  readonly auth: DataOf<AuthData> | undefined;
  readonly ntp: DataOf<NtpData> | undefined;
}

/**
 * Joins the reports by address. The address of a reference clock is its name. Several clocks may share a name; their order
 * is the same in every report.
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
