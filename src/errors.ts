/**
 * The errors of this package. A failed request to chronyd rejects with a {@link ChronyError}. An argument of the wrong
 * type or range gives a `TypeError` or `RangeError`, and an aborted call rejects with its signal's reason.
 *
 * ```text
 * ChronyError
 * ├── ChronyConnectionError     no chronyd at the address, connection refused, socket failed
 * │   └── ChronyTimeoutError    no reply in time
 * ├── ChronyPermissionError     denied by the system or by chronyd
 * ├── ChronyDataError           invalid or missing data, report not available, chronyd too old or too new
 * └── ChronyLibraryError        the WebAssembly library does not work
 * ```
 */

/** The options of the constructors of all errors of this package. */
export interface ChronyErrorOptions extends ErrorOptions {
  /** Stable code of the error, like `ERR_CHRONY_TIMEOUT`. Default: the code of the class. */
  readonly code?: string | undefined;
  /** libchrony's error number (`chrony_err`), if the C library reported the error. */
  readonly errorCode?: number | null | undefined;
}

/** The base class of all errors of this package. */
export class ChronyError extends Error {
  /** Stable code of the error, like `ERR_CHRONY_TIMEOUT`. Compare this instead of the message. */
  readonly code: string;
  /** libchrony's error number (`chrony_err`, 1 to 14), or null if the C library did not report the error. */
  readonly errorCode: number | null;

  constructor(message: string, options: ChronyErrorOptions = {}) {
    const { code = 'ERR_CHRONY', errorCode = null, ...rest } = options;
    super(message, rest);
    this.name = new.target.name;
    this.code = code;
    this.errorCode = errorCode;
  }
}

/**
 * There is no chronyd at the address, the system refused the connection, the name cannot be resolved, or the socket
 * failed.
 *
 * Common causes: chronyd is not running; it uses another address or port (`bindcmdaddress`, `cmdport`); `cmdport 0` has
 * disabled UDP.
 */
export class ChronyConnectionError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_CONNECTION', ...options });
  }
}

/**
 * chronyd did not reply within the time that the timeout and the retries allow, or its host name was not resolved in
 * that time (`ERR_CHRONY_RESOLVE`).
 *
 * Common causes:
 *
 * - a firewall, chronyd's rate limit, or a suspended chronyd
 * - a remote chronyd without `cmdallow` for this host, which does not reply at all
 * - a chronyd in a container that has the directory of its Unix socket at another path
 * - a DNS server that is down
 */
export class ChronyTimeoutError extends ChronyConnectionError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_TIMEOUT', ...options });
  }
}

/**
 * The system denied the socket (`EACCES`), or chronyd denied the report to this client.
 *
 * Common causes: chronyd gives the report only over its Unix socket; this user has no access to the socket's directory;
 * `opencommands` does not list the report.
 */
export class ChronyPermissionError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_PERMISSION', ...options });
  }
}

/**
 * chronyd's reply cannot be used: a value is out of range, a field is missing, the report is disabled, or this version
 * of chronyd is too old or too new. Or the requested report does not exist.
 */
export class ChronyDataError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_DATA', ...options });
  }
}

/**
 * The WebAssembly library does not work: the binary is missing or damaged, it cannot be instantiated, or it has run out
 * of memory or has no source of entropy.
 *
 * Common causes: a damaged installation; a bundler that changed the binary; disabled WebAssembly (`node --jitless`).
 */
export class ChronyLibraryError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_LIBRARY', ...options });
  }
}
