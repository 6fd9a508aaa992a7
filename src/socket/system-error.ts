/** Converts the system's socket errors to this package's errors. */
import { ChronyConnectionError, type ChronyError, ChronyPermissionError } from '../errors.ts';

/** The meaning of each error and what to do about it, by the error's name. */
export interface Advice {
  readonly [name: string]: string;
  /** For any other error. */
  readonly other: string;
}

const AGAIN = 'try again';

/** The advice for every kind of socket. */
const SHARED: Readonly<Record<string, string>> = {
  EMFILE: 'this process has too many open files; close some, or raise the limit (ulimit -n)',
  ENFILE: 'the system has too many open files; close some, or raise the limit (fs.file-max)',
  ENOMEM: `the system has no memory left; free some, or ${AGAIN}`,
  ENOBUFS: `the system has no memory left for sockets; ${AGAIN}, with fewer requests at a time`,
};

const NO_SUCH_DESTINATION =
  'this machine cannot send to that address; give a link-local address its zone (fe80::1%eth0), and check the routes';

const NO_PORT =
  'this machine has no free port left; close connections, or widen net.ipv4.ip_local_port_range';

/** The advice for UDP. */
const UDP: Advice = {
  ECONNREFUSED: 'nothing listens there; check that chronyd is running, and its cmdport and bindcmdaddress',
  ENETUNREACH: 'there is no route to that network; check the address',
  EHOSTUNREACH:
    'there is no route to that host, or a firewall rejects the request; check the address and the firewalls',
  EHOSTDOWN: 'that host is down; check the address',
  ENETDOWN: 'the network interface is down; check the network of this machine',
  EADDRNOTAVAIL: 'this machine cannot use that address; check that its family (IPv4 or IPv6) is enabled',
  EAFNOSUPPORT: 'this machine does not have that address family enabled',
  EADDRINUSE: NO_PORT,
  EAGAIN: NO_PORT,
  EINVAL: NO_SUCH_DESTINATION,
  EDESTADDRREQ: NO_SUCH_DESTINATION,
  EMSGSIZE: 'a request is too long for the network; check the MTU of the interface',
  ENOPROTOOPT: 'that host does not accept UDP; check the address and the firewalls',
  EPROTO: `the network reports a protocol error; check the address, or ${AGAIN}`,
  other: 'check the address, and the network of this machine',
};

const exhaustion: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

const denied: Readonly<Record<string, string>> = {
  EACCES:
    'this machine does not send to that address; it is a broadcast address, or a route or firewall prohibits it',
  EPERM: "a firewall of this machine or the runtime's permissions deny it",
  ERR_ACCESS_DENIED: "the runtime's permissions deny it (Node: --allow-net)",
  NotCapable: "the runtime's permissions deny it (Deno: --allow-net, for 0.0.0.0, too)",
};

/** The system's name for an error. Deno's own errors have no code, only a name. */
function nameOf(cause: Error): string {
  return (cause as NodeJS.ErrnoException).code ?? (cause.name in denied ? cause.name : cause.message);
}

/** True if the system or the runtime denied the operation. */
export function isDenial(cause: Error): boolean {
  return nameOf(cause) in denied;
}

/** True if no file descriptor was left. */
export function isExhaustion(cause: Error): boolean {
  return exhaustion.has(nameOf(cause));
}

/** True if no file descriptor was left for one of the sockets in the error, its causes or its parts. */
export function isOutOfFiles(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isOutOfFiles);
  return isExhaustion(error) || isOutOfFiles(error.cause);
}

/**
 * Creates the error for an error of the system.
 *
 * @param what - the address, e.g. `127.0.0.1:323`
 * @param cause - the error of the runtime's socket
 * @param advice - the advice for the kind of socket; default: UDP
 */
export function systemError(what: string, cause: Error, advice: Advice = UDP): ChronyError {
  const reason = nameOf(cause);
  const denial = denied[reason];
  if (denial !== undefined) {
    return new ChronyPermissionError(`${what}: ${reason}; ${denial}`, { cause });
  }
  const hint = SHARED[reason] ?? advice[reason] ?? advice.other;
  return new ChronyConnectionError(`${what}: ${reason}; ${hint}`, { cause });
}
