/** Converts libchrony's error numbers to this package's errors. */

import {
  ChronyConnectionError,
  ChronyDataError,
  ChronyError,
  ChronyLibraryError,
  ChronyPermissionError,
} from '../errors.ts';

/** `chrony_err`, with the names of `chrony.h`. */
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
 * A line for chrony.conf that opens the reports. It begins with chronyd's default, which the directive would otherwise
 * replace, followed by the reports that chronyd gives only over the Unix socket by default.
 */
export const OPEN_COMMANDS =
  'opencommands activity manual rtcdata smoothing sourcename sources sourcestats tracking authdata ntpdata selectdata serverstats';

/**
 * The report of chronyd's clients. It is opened only if it was requested, because it contains other hosts' addresses.
 */
export const CLIENTS = 'clients';

/** Advice for a report that chronyd refuses over UDP. */
export const OPEN_REPORT = `open the report in chrony.conf (chronyd 4.7 or later): ${OPEN_COMMANDS}`;

/** The class and the advice for each error number. */
const kinds: Readonly<Record<number, readonly [class_: typeof ChronyError, advice: string]>> = {
  [ChronyErr.NO_MEMORY]: [ChronyLibraryError, 'close connections that are no longer used'],
  [ChronyErr.NO_RANDOM]: [ChronyLibraryError, "check this runtime's crypto.getRandomValues()"],
  [ChronyErr.UNKNOWN_REPORT]: [ChronyDataError, 'see ChronyConnection.reports for the names'],
  [ChronyErr.RANDOM_FAILED]: [ChronyLibraryError, "check this runtime's crypto.getRandomValues()"],
  [ChronyErr.SEND_FAILED]: [ChronyConnectionError, 'check that chronyd is running and reachable'],
  [ChronyErr.RECV_FAILED]: [ChronyConnectionError, 'check that chronyd is running and reachable'],
  [ChronyErr.INVALID_ARGUMENT]: [ChronyDataError, 'request an existing record of the report'],
  [ChronyErr.UNEXPECTED_CALL]: [ChronyLibraryError, 'this is a bug in chrony-wasm; please report it'],
  [ChronyErr.UNAUTHORIZED]: [ChronyPermissionError, OPEN_REPORT],
  [ChronyErr.DISABLED]: [ChronyDataError, 'enable the feature in chrony.conf'],
  [ChronyErr.UNEXPECTED_STATUS]: [ChronyDataError, 'the source may have been removed; try again'],
  [ChronyErr.OLD_SERVER]: [ChronyDataError, 'upgrade chronyd to use this report'],
  [ChronyErr.NEW_SERVER]: [ChronyDataError, 'upgrade chrony-wasm'],
  [ChronyErr.INVALID_RESPONSE]: [ChronyDataError, 'check that the server at this address is chronyd'],
};

/**
 * Creates the error for an error number.
 *
 * @param errorCode - a `chrony_err`, not 0
 * @param sentence - the C library's message for it
 * @param report - the requested report; empty if there is none
 * @param peer - the address of chronyd, e.g. `127.0.0.1:323`
 * @param cause - the error thrown by the host's own send or receive function
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
  // OPEN_REPORT ends with the list of reports, so another one can be appended
  const more = errorCode === ChronyErr.UNAUTHORIZED && report === CLIENTS ? ` ${CLIENTS}` : '';
  return new ErrorClass(`${what} from ${peer}: ${sentence}; ${advice}${more}`, options);
}

/** @param known - the names of the existing reports */
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

/** True if chronyd replied that it does not have the source, or no longer has it. */
export function isNoSuchSource(error: unknown): boolean {
  return error instanceof ChronyError && error.errorCode === ChronyErr.UNEXPECTED_STATUS;
}

/** True if the error comes from chronyd's reply to this request: the socket and the server work. */
export function isAnswer(error: ChronyError): boolean {
  return error.errorCode !== null && error.errorCode >= ChronyErr.UNAUTHORIZED;
}
