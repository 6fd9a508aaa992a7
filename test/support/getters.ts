/** The methods of a connection by report name. */
import type { ChronyConnection, ReportValues } from '../../src/index.ts';

export type Name = keyof ReportValues;

export const getters: { readonly [N in Name]: (chrony: ChronyConnection) => Promise<ReportValues[N]> } = {
  tracking: (chrony) => chrony.getTracking(),
  sources: (chrony) => chrony.getSources(),
  sourcestats: (chrony) => chrony.getSourceStats(),
  selectdata: (chrony) => chrony.getSelectData(),
  activity: (chrony) => chrony.getActivity(),
  authdata: (chrony) => chrony.getAuthData(),
  ntpdata: (chrony) => chrony.getNtpData(),
  serverstats: (chrony) => chrony.getServerStats(),
  rtcdata: (chrony) => chrony.getRtcData(),
  smoothing: (chrony) => chrony.getSmoothing(),
};
export const names = Object.keys(getters) as Name[];

/** Sends every request of a connection at once. */
export function askAll(chrony: ChronyConnection): Promise<unknown>[] {
  return [
    ...names.map((name): Promise<unknown> => getters[name](chrony)),
    ...chrony.reports.map((report) => chrony.getReport(report)),
    chrony.getSourceNames(),
    chrony.getClients(),
    chrony.getManualList(),
  ];
}
