/**
 * Unix datagram sockets. `node:dgram` does not support them, so they use the C library, through the foreign function
 * interface of the runtime.
 */
import { ChronyConnectionError, ChronyError } from '../errors.ts';
import { nodeFs } from '../util/builtins.ts';
import type { UnixEndpoint } from './address.ts';
import type { DatagramListener, DatagramSocket } from './socket.ts';
import { checkRuntime, loadLibc } from './unix/backends.ts';
import { clientPathTemplate } from './unix/client-directory.ts';
import { UnixDatagramSocket } from './unix/datagram-socket.ts';
import { systemCallError, unixError } from './unix/errors.ts';
import { maxPathLength, pathLength } from './unix/sockaddr.ts';

/** Opens a Unix datagram socket without sending anything. */
export function openUnix({ path }: UnixEndpoint, listener: DatagramListener): void {
  connect(path, listener).then(
    (socket) => listener.opened(socket),
    (error) => listener.failed(error instanceof ChronyError ? error : unixError(path, error)),
  );
}

/** @throws ChronyError, or the system's error */
async function connect(path: string, listener: DatagramListener): Promise<DatagramSocket> {
  checkRuntime(path);
  checkLength(path);
  // checked before anything is loaded: without chronyd there is usually no socket
  if (!nodeFs().statSync(path).isSocket()) throw systemCallError('connect', 'ENOTSOCK');
  return new UnixDatagramSocket(await loadLibc(path), path, listener);
}

/** The kernel limits the length of a path. The paths of both sockets, chronyd's and this process's, must fit. */
function checkLength(path: string): void {
  const length = Math.max(pathLength(path), pathLength(clientPathTemplate(path)));
  const limit = maxPathLength();
  if (length <= limit) return;
  throw new ChronyConnectionError(
    `${path}: the path has ${length} bytes, but this system's Unix sockets allow at most ${limit}; use a shorter one, e.g. ` +
      'through a symbolic link to its directory',
    { code: 'ERR_CHRONY_ADDRESS' },
  );
}
