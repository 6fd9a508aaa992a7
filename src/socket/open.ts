/** Opens whichever socket an endpoint needs. */
import type { OpenSocket } from './socket.ts';
import { openUdp } from './udp.ts';
import { openUnix } from './unix.ts';

export const openSocket: OpenSocket = (endpoint, listener) =>
  endpoint.kind === 'udp' ? openUdp(endpoint, listener) : openUnix(endpoint, listener);
