/** Advice for a report that chronyd refuses over UDP: how to reach its Unix socket from here. */
import { type ChronyError, ChronyPermissionError } from '../errors.ts';
import { ChronyErr, OPEN_REPORT } from '../sandbox/errors.ts';
import { type Endpoint, isLoopback } from '../socket/address.ts';
import { isSuperuser, problemWithoutUdp } from '../socket/unix/errors.ts';

/** An endpoint that the search for chronyd tried in vain. */
export interface Skipped {
  readonly endpoint: Endpoint;
  readonly error: ChronyError;
}

/** True if chronyd itself has refused the report. */
function isRefusal(reason: unknown): reason is ChronyPermissionError {
  return reason instanceof ChronyPermissionError && reason.errorCode === ChronyErr.UNAUTHORIZED;
}

/**
 * Adds to chronyd's refusal over UDP how to use its Unix socket instead. Other errors are returned as they are.
 *
 * @param endpoint - the endpoint that refused
 * @param skipped - the endpoints that the search for chronyd tried before this one; empty if the user gave the address
 * @param isRoot - whether this process runs as root
 */
export function explainRefusal(
  reason: unknown,
  endpoint: Endpoint,
  skipped: readonly Skipped[],
  isRoot = isSuperuser(),
): unknown {
  if (!isRefusal(reason) || endpoint.kind === 'unix') return reason;
  const { message, code, errorCode, cause } = reason;
  const options = cause === undefined ? { code, errorCode } : { code, errorCode, cause };
  // the list of commands is long, so it comes last
  const advice = `${overUnix(endpoint, skipped, isRoot)}; or ${OPEN_REPORT}`;
  return new ChronyPermissionError(
    message.replace(OPEN_REPORT, () => advice),
    options,
  );
}

function overUnix(
  { host }: Endpoint & { kind: 'udp' },
  skipped: readonly Skipped[],
  isRoot: boolean,
): string {
  const tried = skipped.flatMap(({ endpoint, error }) =>
    endpoint.kind === 'unix' ? problemWithoutUdp(endpoint.path, error) : [],
  );
  if (tried.length > 0) {
    return `use chronyd's Unix socket, which was tried first: ${distinct(tried).join(', and ')}`;
  }
  if (!isLoopback(host)) return "run the program on that host, over chronyd's Unix socket";
  const user = isRoot ? '' : ", as root or as chrony's user";
  return `use chronyd's Unix socket${user}: give its path as the address, e.g. /run/chrony/chronyd.sock`;
}

/** Removes repetitions: /var/run is usually a symbolic link to /run, so that both paths fail for the same reason. */
function distinct(lines: readonly string[]): string[] {
  const plain = lines.map((line) => line.replaceAll('/var/run/', '/run/'));
  return lines.filter((_, index) => plain.indexOf(plain[index] ?? '') === index);
}
