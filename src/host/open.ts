/** Opens whichever socket an endpoint needs. */
import { ChronyConnectionError } from '../errors.ts';
import type { OpenSocket } from './socket.ts';
import { openUdp } from './udp.ts';

export const openSocket: OpenSocket = async (endpoint, listener) => {
  if (endpoint.kind === 'udp') return openUdp(endpoint, listener);
  throw new ChronyConnectionError(
    `${endpoint.path}: Unix sockets are not supported by this version of chrony-wasm; use UDP, e.g. 127.0.0.1:323`,
    { code: 'ERR_CHRONY_NO_UNIX_SOCKET' },
  );
};
