/** Socket activation: listening sockets that systemd opens before it starts the server. */
import { ServerError } from './options.ts';

/** The descriptor of the first socket. */
const FIRST = 3;

/** A listening socket that was inherited from another process. */
export interface InheritedSocket {
  readonly descriptor: number;
  /** `FileDescriptorName=` of the socket unit; by default the name of the unit. */
  readonly name: string;
}

/**
 * Returns the sockets that were passed to this process, according to sd_listen_fds(3).
 *
 * @throws ServerError if there are none
 */
export function inheritedSockets(
  { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES = '' }: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): readonly InheritedSocket[] {
  const count = /^\d{1,4}$/.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0;
  if (count === 0) {
    throw new ServerError(
      '--systemd-socket: systemd passed no sockets (LISTEN_FDS is not set); start the service through its socket unit (see --print-unit)',
    );
  }
  // the variables may be left over from a parent process
  if (Number(LISTEN_PID) !== pid) {
    throw new ServerError(
      `--systemd-socket: the sockets are for process ${LISTEN_PID}, not for this process, ${pid}; start this program directly, without a wrapper`,
    );
  }
  const names = LISTEN_FDNAMES.split(':');
  return Array.from({ length: count }, (_, index) => ({
    descriptor: FIRST + index,
    name: names[index] || `descriptor ${FIRST + index}`,
  }));
}
