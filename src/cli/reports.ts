/** The ten reports: how each is asked for, as raw records and as data, and how it is printed. */
import type { ChronyConnection } from '../connection.ts';
import type { ReportField } from '../report-field.ts';
import type { ReportName } from '../reports/index.ts';
import type { SourceData } from '../source-data.ts';
import { activity } from './format/activity.ts';
import { authdata } from './format/authdata.ts';
import { ntpdata } from './format/ntpdata.ts';
import type { ReportFormat } from './format/report-format.ts';
import { rtcdata } from './format/rtcdata.ts';
import { selectdata } from './format/selectdata.ts';
import { serverstats } from './format/serverstats.ts';
import { smoothing } from './format/smoothing.ts';
import { sources } from './format/sources.ts';
import { sourcestats } from './format/sourcestats.ts';
import { tracking } from './format/tracking.ts';
import { chosenData, chosenRecords, recordsWithAddresses, type SourceChoice } from './sources.ts';

/** A report as a command needs it. */
export interface Report {
  readonly format: ReportFormat;
  /** Exact, for text and CSV. */
  records(chrony: ChronyConnection, choice: SourceChoice): Promise<ReportField[][]>;
  /** For JSON. */
  data(chrony: ChronyConnection, choice: SourceChoice): Promise<unknown>;
}

type Ask<T> = (chrony: ChronyConnection) => Promise<T>;

/** A report of one record. */
function single(name: ReportName, format: ReportFormat, data: Ask<unknown>): Report {
  return { format, data, records: (chrony) => chrony.getReport(name) };
}

/** A report of a record for each source. */
function perSource(
  format: ReportFormat,
  records: Ask<ReportField[][]>,
  data: Ask<readonly SourceData[]>,
): Report {
  return {
    format,
    records: async (chrony, choice) => chosenRecords(await records(chrony), choice),
    data: async (chrony, choice) => chosenData(await data(chrony), choice),
  };
}

export const reports: Readonly<Record<ReportName, Report>> = {
  tracking: single('tracking', tracking, (chrony) => chrony.getTracking()),
  sources: perSource(
    sources,
    (chrony) => chrony.getReport('sources'),
    (chrony) => chrony.getSources(),
  ),
  sourcestats: perSource(
    sourcestats,
    (chrony) => chrony.getReport('sourcestats'),
    (chrony) => chrony.getSourceStats(),
  ),
  selectdata: perSource(
    selectdata,
    (chrony) => chrony.getReport('selectdata'),
    (chrony) => chrony.getSelectData(),
  ),
  activity: single('activity', activity, (chrony) => chrony.getActivity()),
  authdata: perSource(
    authdata,
    (chrony) => recordsWithAddresses(chrony, 'authdata'),
    (chrony) => chrony.getAuthData(),
  ),
  ntpdata: perSource(
    ntpdata,
    (chrony) => recordsWithAddresses(chrony, 'ntpdata'),
    (chrony) => chrony.getNtpData(),
  ),
  serverstats: single('serverstats', serverstats, (chrony) => chrony.getServerStats()),
  rtcdata: single('rtcdata', rtcdata, (chrony) => chrony.getRtcData()),
  smoothing: single('smoothing', smoothing, (chrony) => chrony.getSmoothing()),
};
