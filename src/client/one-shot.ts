/** Each report in one call: opens a connection, asks, closes. */

import { ChronyConnectionError } from '../errors.ts';
import type {
  Activity,
  AuthData,
  NtpData,
  RtcData,
  SelectData,
  ServerStats,
  Smoothing,
  Source,
  SourceStats,
  TrackingStatus,
} from '../reports/index.ts';
import { ChronyConnection } from './connection.ts';
import { type ChronyOptions, readOptions } from './options.ts';

type Options = string | ChronyOptions;

/** Whatever there is to ask, on a connection of its own. */
export async function once<T>(
  options: Options | undefined,
  ask: (chrony: ChronyConnection) => Promise<T>,
): Promise<T> {
  const connection = ChronyConnection.unopened(readOptions(options));
  try {
    return await ask(connection);
  } finally {
    connection.end(finished);
  }
}

/** Nobody hears of it: nothing is under way any more. */
function finished(): ChronyConnectionError {
  return new ChronyConnectionError('the connection was for one question');
}

/** {@link ChronyConnection.getTracking} on a connection of its own. */
export function getTracking(options?: Options): Promise<TrackingStatus> {
  return once(options, (chrony) => chrony.getTracking());
}

/** {@link ChronyConnection.getSources} on a connection of its own. */
export function getSources(options?: Options): Promise<Source[]> {
  return once(options, (chrony) => chrony.getSources());
}

/** {@link ChronyConnection.getSourceStats} on a connection of its own. */
export function getSourceStats(options?: Options): Promise<SourceStats[]> {
  return once(options, (chrony) => chrony.getSourceStats());
}

/** {@link ChronyConnection.getSelectData} on a connection of its own. */
export function getSelectData(options?: Options): Promise<SelectData[]> {
  return once(options, (chrony) => chrony.getSelectData());
}

/** {@link ChronyConnection.getActivity} on a connection of its own. */
export function getActivity(options?: Options): Promise<Activity> {
  return once(options, (chrony) => chrony.getActivity());
}

/** {@link ChronyConnection.getAuthData} on a connection of its own. */
export function getAuthData(options?: Options): Promise<AuthData[]> {
  return once(options, (chrony) => chrony.getAuthData());
}

/** {@link ChronyConnection.getNtpData} on a connection of its own. */
export function getNtpData(options?: Options): Promise<NtpData[]> {
  return once(options, (chrony) => chrony.getNtpData());
}

/** {@link ChronyConnection.getServerStats} on a connection of its own. */
export function getServerStats(options?: Options): Promise<ServerStats> {
  return once(options, (chrony) => chrony.getServerStats());
}

/** {@link ChronyConnection.getRtcData} on a connection of its own. */
export function getRtcData(options?: Options): Promise<RtcData | null> {
  return once(options, (chrony) => chrony.getRtcData());
}

/** {@link ChronyConnection.getSmoothing} on a connection of its own. */
export function getSmoothing(options?: Options): Promise<Smoothing | null> {
  return once(options, (chrony) => chrony.getSmoothing());
}
