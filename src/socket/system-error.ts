/** The system's errors about a socket as this package's. */
import { ChronyConnectionError, type ChronyError, ChronyPermissionError } from '../errors.ts';

/** What the errors mean here, and what to do about them. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check that chronyd is running, and its cmdport and bindcmdaddress',
  ENETUNREACH: 'there is no route to that network; check the address',
  EHOSTUNREACH: 'there is no route to that host; check the address',
  EADDRNOTAVAIL: 'this machine cannot use that address; check that its family (IPv4 or IPv6) is enabled',
  EAFNOSUPPORT: 'this machine does not have that address family enabled',
  EMFILE: 'this process has too many open files; close some, or raise the limit (ulimit -n)',
  ENFILE: 'the system has too many open files; close some, or raise the limit (fs.file-max)',
  EADDRINUSE: 'this machine has no free port left; close connections, or widen net.ipv4.ip_local_port_range',
};

const exhaustion: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

const denied: Readonly<Record<string, string>> = {
  EACCES: 'this user may not use that socket',
  EPERM: "a firewall or the runtime's permissions deny it",
  ERR_ACCESS_DENIED: "the runtime's permissions deny it (Node: --allow-net)",
  NotCapable: "the runtime's permissions deny it (Deno: --allow-net, for 0.0.0.0, too)",
};

/** The system's name for an error; Deno's own errors have a name instead. */
function nameOf(cause: Error): string {
  return (cause as NodeJS.ErrnoException).code ?? (cause.name in denied ? cause.name : cause.message);
}

/** True if the system or the runtime does not allow it. */
export function isDenial(cause: Error): boolean {
  return nameOf(cause) in denied;
}

/** True if there was no descriptor left. */
export function isExhaustion(cause: Error): boolean {
  return exhaustion.has(nameOf(cause));
}

/** True if there was no descriptor left for one of the sockets that the error is about. */
export function isOutOfFiles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isOutOfFiles);
  return isExhaustion(error) || isOutOfFiles(error.cause);
}

/**
 * @param what - what was being done, e.g. `127.0.0.1:323`
 * @param cause - what the runtime's own socket reported
 */
export function systemError(what: string, cause: Error): ChronyError {
  const reason = nameOf(cause);
  const denial = denied[reason];
  if (denial !== undefined) {
    return new ChronyPermissionError(`${what}: ${reason}; ${denial}`, { cause });
  }
  const hint = advice[reason] ?? 'check the address and that chronyd is running';
  return new ChronyConnectionError(`${what}: ${reason}; ${hint}`, { cause });
}
