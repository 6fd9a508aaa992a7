/**
 * The errors of this package. Everything that goes wrong between the caller and chronyd is a
 * {@link ChronyError}; a wrong type of argument is a `TypeError` or `RangeError`, and an aborted call
 * rejects with its signal's reason.
 *
 *     ChronyError
 *     ├── ChronyConnectionError     no chronyd there, refused, the socket failed
 *     │   └── ChronyTimeoutError    nothing answered in time
 *     ├── ChronyPermissionError     the system or chronyd says no
 *     ├── ChronyDataError           an answer that is invalid, missing, too old or too new
 *     └── ChronyLibraryError        the WebAssembly library cannot do its work
 */

/** What every error of this package may carry besides its message. */
export interface ChronyErrorOptions extends ErrorOptions {
  /** Stable name of the error, like `ERR_CHRONY_TIMEOUT`; the class's own where it is left out. */
  readonly code?: string | undefined;
  /** libchrony's error number (`chrony_err`), where the error came from the C library. */
  readonly errorCode?: number | null | undefined;
}

/** The base of all errors of this package: catch this one to catch them all. */
export class ChronyError extends Error {
  /** Stable name of the error, like `ERR_CHRONY_TIMEOUT`, for programs to compare. */
  readonly code: string;
  /** libchrony's error number (`chrony_err`, 1 to 14), or null where it came from elsewhere. */
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
 * There is no chronyd at the address, the system refused the connection, the name does not resolve or
 * the socket failed.
 *
 * Common causes: chronyd is not running; it listens elsewhere (`bindcmdaddress`, `cmdport`); `cmdport 0`
 * has switched UDP off.
 */
export class ChronyConnectionError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_CONNECTION', ...options });
  }
}

/**
 * Nothing answered within the time that the timeout and the retries allow: chronyd, or the system that was to resolve
 * its name (`ERR_CHRONY_RESOLVE`).
 *
 * Common causes: a firewall; a chronyd on another host without `cmdallow` for this one (it keeps silent);
 * chronyd's rate limit; a stopped chronyd; a chronyd in a container that has the directory of its Unix socket at another
 * path; a DNS server that is down.
 */
export class ChronyTimeoutError extends ChronyConnectionError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_TIMEOUT', ...options });
  }
}

/**
 * The system denied the socket (`EACCES`), or chronyd denied the report to this client.
 *
 * Common causes: the report is answered only over chronyd's Unix socket; this user may not enter the
 * socket's directory; `opencommands` does not list the report.
 */
export class ChronyPermissionError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_PERMISSION', ...options });
  }
}

/**
 * chronyd answered with what cannot be used: a value out of range, a field missing, a report disabled, a
 * server too old or too new; or a report was asked for that does not exist.
 */
export class ChronyDataError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_DATA', ...options });
  }
}

/**
 * The WebAssembly library cannot do its work: the binary is missing or corrupt, it cannot be
 * instantiated, or it has no memory or no entropy left.
 *
 * Common causes: a damaged installation; a bundler that changed the binary; WebAssembly switched off
 * (`node --jitless`).
 */
export class ChronyLibraryError extends ChronyError {
  constructor(message: string, options: ChronyErrorOptions = {}) {
    super(message, { code: 'ERR_CHRONY_LIBRARY', ...options });
  }
}
