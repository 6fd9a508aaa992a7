/** Opens whichever socket an endpoint needs. */
import type { DatagramListener, DatagramSocket, OpenSocket, UnixEndpoint } from './socket.ts';
import { openUdp } from './udp.ts';

export const openSocket: OpenSocket = (endpoint, listener) =>
  endpoint.kind === 'udp' ? openUdp(endpoint, listener) : loadUnix(endpoint, listener);

/** Loads it when it is needed: it is large, and many programs use UDP only. */
async function loadUnix(endpoint: UnixEndpoint, listener: DatagramListener): Promise<DatagramSocket> {
  const { openUnix } = await import('./unix.ts');
  return openUnix(endpoint, listener);
}
