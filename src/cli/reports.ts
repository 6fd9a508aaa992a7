/** The ten reports: how each is asked for, as raw records and as data, and how it is printed. */

import { activity } from '../chronyc/reports/activity.ts';
import { authdata } from '../chronyc/reports/authdata.ts';
import { ntpdata } from '../chronyc/reports/ntpdata.ts';
import type { ReportFormat } from '../chronyc/reports/report-format.ts';
import { rtcdata } from '../chronyc/reports/rtcdata.ts';
import { selectdata } from '../chronyc/reports/selectdata.ts';
import { serverstats } from '../chronyc/reports/serverstats.ts';
import { smoothing } from '../chronyc/reports/smoothing.ts';
import { sources } from '../chronyc/reports/sources.ts';
import { sourcestats } from '../chronyc/reports/sourcestats.ts';
import { tracking } from '../chronyc/reports/tracking.ts';
import type { ChronyConnection } from '../client/connection.ts';
import type { ReportName } from '../reports/index.ts';
import type { ReportField } from '../reports/report-field.ts';
import type { SourceData } from '../reports/source-data.ts';
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
