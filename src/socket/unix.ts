/**
 * Unix datagram sockets, which `node:dgram` does not have: by the C library, through whatever the runtime
 * offers.
 */
import { ChronyConnectionError, ChronyError } from '../errors.ts';
import { nodeFs } from '../util/builtins.ts';
import type { UnixEndpoint } from './address.ts';
import type { DatagramListener, DatagramSocket } from './socket.ts';
import { checkRuntime, loadLibc } from './unix/backends.ts';
import { clientPath } from './unix/client-directory.ts';
import { UnixDatagramSocket } from './unix/datagram-socket.ts';
import { systemCallError, unixError } from './unix/errors.ts';
import { maxPathLength, pathLength } from './unix/sockaddr.ts';

/** Opens a Unix datagram socket, which sends nothing yet. */
export function openUnix({ path }: UnixEndpoint, listener: DatagramListener): void {
  connect(path, listener).then(
    (socket) => listener.opened(socket),
    (error) => listener.failed(error instanceof ChronyError ? error : unixError(path, error)),
  );
}

/** @throws ChronyError, or an Error of the system */
async function connect(path: string, listener: DatagramListener): Promise<DatagramSocket> {
  checkRuntime(path);
  checkLength(path);
  // before anything is loaded: mostly, where there is no chronyd, there is no socket either
  if (!nodeFs().statSync(path).isSocket()) throw systemCallError('connect', 'ENOTSOCK');
  return new UnixDatagramSocket(await loadLibc(path), path, listener);
}

/** The kernel's structure has room for a short path only, and both ends' must fit. */
function checkLength(path: string): void {
  const length = Math.max(pathLength(path), pathLength(clientPath(path)));
  const limit = maxPathLength();
  if (length <= limit) return;
  throw new ChronyConnectionError(
    `${path}: the path takes ${length} bytes, and this system's Unix sockets have room for ${limit}; use a shorter one, e.g. ` +
      'by a symbolic link to its directory',
    { code: 'ERR_CHRONY_ADDRESS' },
  );
}
