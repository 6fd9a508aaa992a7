/** What can be done where chronyd refuses a report to this client, by what the search for its endpoint has found. */
import { type ChronyError, ChronyPermissionError } from '../errors.ts';
import { ChronyErr } from '../sandbox/errors.ts';
import { type Endpoint, isLoopback } from '../socket/address.ts';
import { isSuperuser, withoutUdpAdvice } from '../socket/unix/errors.ts';

/** True for chronyd's own refusal. */
function isRefusal(reason: unknown): reason is ChronyPermissionError {
  return reason instanceof ChronyPermissionError && reason.errorCode === ChronyErr.UNAUTHORIZED;
}

/**
 * The reason, and where it is a refusal, the way over chronyd's Unix socket.
 *
 * @param endpoint - the one that refused
 * @param skipped - why each of the endpoints before it was not taken; empty if the address left no choice
 * @param isRoot - whether this user is root
 */
export function explainRefusal(
  reason: unknown,
  endpoint: Endpoint,
  skipped: readonly ChronyError[],
  isRoot = isSuperuser(),
): unknown {
  if (!isRefusal(reason) || endpoint.kind === 'unix') return reason;
  const { message, code, errorCode, cause } = reason;
  const options = cause === undefined ? { code, errorCode } : { code, errorCode, cause };
  return new ChronyPermissionError(`${message}; or ${overUnix(endpoint, skipped, isRoot)}`, options);
}

function overUnix(
  { host }: Endpoint & { kind: 'udp' },
  skipped: readonly ChronyError[],
  isRoot: boolean,
): string {
  const tried = skipped.map(withoutUdpAdvice).filter((line) => line.startsWith('/'));
  if (tried.length > 0) {
    return `ask over chronyd's Unix socket, which was tried first and skipped: ${distinct(tried).join(', and ')}`;
  }
  if (!isLoopback(host)) return "ask on that host itself, over chronyd's Unix socket";
  const user = isRoot ? '' : ", as root or as chrony's user";
  return `ask over chronyd's Unix socket${user}: give its path as the address, e.g. /run/chrony/chronyd.sock`;
}

/** Mostly /var/run is a symbolic link to /run: what is true of both is said once, however the folder is spelled in it. */
function distinct(lines: readonly string[]): string[] {
  const plain = lines.map((line) => line.replaceAll('/var/run/', '/run/'));
  return lines.filter((_, index) => plain.indexOf(plain[index] ?? '') === index);
}
