/** libchrony's error numbers as this package's errors. */

import {
  ChronyConnectionError,
  ChronyDataError,
  ChronyError,
  ChronyLibraryError,
  ChronyPermissionError,
} from '../errors.ts';

/** `chrony_err`, by the names of `chrony.h`. */
export const ChronyErr = {
  OK: 0,
  NO_MEMORY: 1,
  NO_RANDOM: 2,
  UNKNOWN_REPORT: 3,
  RANDOM_FAILED: 4,
  SEND_FAILED: 5,
  RECV_FAILED: 6,
  INVALID_ARGUMENT: 7,
  UNEXPECTED_CALL: 8,
  UNAUTHORIZED: 9,
  DISABLED: 10,
  UNEXPECTED_STATUS: 11,
  OLD_SERVER: 12,
  NEW_SERVER: 13,
  INVALID_RESPONSE: 14,
} as const;

/**
 * chronyd's default `opencommands` (the directive replaces them) and, after them, the ones it keeps to the
 * Unix socket.
 */
export const OPEN_COMMANDS =
  'opencommands activity manual rtcdata smoothing sourcename sources sourcestats tracking authdata ntpdata selectdata serverstats';

/** The report of chronyd's clients. It is opened only where it is asked for: it has the addresses of others. */
export const CLIENTS = 'clients';

/** Advice for a report that chronyd refuses over UDP. */
export const OPEN_REPORT = `open the report in chrony.conf (chronyd 4.7 or later): ${OPEN_COMMANDS}`;

/** For each number: which class, and what to do about it. */
const kinds: Readonly<Record<number, readonly [class_: typeof ChronyError, advice: string]>> = {
  [ChronyErr.NO_MEMORY]: [ChronyLibraryError, 'close connections that are no longer used'],
  [ChronyErr.NO_RANDOM]: [ChronyLibraryError, "check this runtime's crypto.getRandomValues()"],
  [ChronyErr.UNKNOWN_REPORT]: [ChronyDataError, 'see ChronyConnection.reports for the names'],
  [ChronyErr.RANDOM_FAILED]: [ChronyLibraryError, "check this runtime's crypto.getRandomValues()"],
  [ChronyErr.SEND_FAILED]: [ChronyConnectionError, 'check that chronyd is running and reachable'],
  [ChronyErr.RECV_FAILED]: [ChronyConnectionError, 'check that chronyd is running and reachable'],
  [ChronyErr.INVALID_ARGUMENT]: [ChronyDataError, 'ask for a record that the report has'],
  [ChronyErr.UNEXPECTED_CALL]: [ChronyLibraryError, 'this is a fault of chrony-wasm; please report it'],
  [ChronyErr.UNAUTHORIZED]: [ChronyPermissionError, OPEN_REPORT],
  [ChronyErr.DISABLED]: [ChronyDataError, 'enable the feature in chrony.conf'],
  [ChronyErr.UNEXPECTED_STATUS]: [ChronyDataError, 'the source may have been removed meanwhile; ask again'],
  [ChronyErr.OLD_SERVER]: [ChronyDataError, 'upgrade chronyd, or do without this report'],
  [ChronyErr.NEW_SERVER]: [ChronyDataError, 'upgrade chrony-wasm'],
  [ChronyErr.INVALID_RESPONSE]: [ChronyDataError, 'something other than chronyd may be listening there'],
};

/**
 * @param errorCode - a `chrony_err`, not 0
 * @param sentence - the C library's for it
 * @param report - the report that was requested; empty for none
 * @param peer - the chronyd, e.g. `127.0.0.1:323`
 * @param cause - what the host's own send or receive threw
 */
export function libraryError(
  errorCode: number,
  sentence: string,
  report: string,
  peer: string,
  cause?: unknown,
): ChronyError {
  const [ErrorClass, advice] = kinds[errorCode] ?? [ChronyError, 'upgrade chrony-wasm'];
  const options = cause == null ? { errorCode } : { errorCode, cause };
  const what = report === '' ? 'a session' : report;
  // the advice has room for one more command at its end
  const more = errorCode === ChronyErr.UNAUTHORIZED && report === CLIENTS ? ` ${CLIENTS}` : '';
  return new ErrorClass(`${what} from ${peer}: ${sentence}; ${advice}${more}`, options);
}

/** @param known - the names that there are */
export function unknownReport(report: string, known: readonly string[]): ChronyDataError {
  return new ChronyDataError(`there is no report '${report}'; the reports are: ${known.join(', ')}`, {
    errorCode: ChronyErr.UNKNOWN_REPORT,
  });
}

export function invalidSourceAddress(address: string): ChronyDataError {
  return new ChronyDataError(
    `'${address}' is not the address of a source; give an IPv4 or IPv6 address, or ID#nnnnnnnnnn as in the list of sources`,
    { errorCode: ChronyErr.INVALID_ARGUMENT },
  );
}

/** True for chronyd's answer about a source that it does not have, or no longer has. */
export function isNoSuchSource(error: unknown): boolean {
  return error instanceof ChronyError && error.errorCode === ChronyErr.UNEXPECTED_STATUS;
}

/** True if chronyd itself said so, in an answer to this very request: the socket and the server are well. */
export function isAnswer(error: ChronyError): boolean {
  return error.errorCode !== null && error.errorCode >= ChronyErr.UNAUTHORIZED;
}
