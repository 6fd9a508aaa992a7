/** UDP over `node:dgram`, IPv4 and IPv6. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type DatagramListener, type DatagramSocket, formatEndpoint, type UdpEndpoint } from './socket.ts';
import { systemError } from './system-error.ts';

/**
 * Connects a UDP socket, which sends nothing yet. Connected, so that the kernel drops strangers' datagrams
 * and tells when the peer's host says that nobody listens there.
 */
export function openUdp(endpoint: UdpEndpoint, listener: DatagramListener): Promise<DatagramSocket> {
  const { host, port } = endpoint;
  const family = isIPv6(host) ? 6 : 4;
  return new Promise((resolve, reject) => {
    // The host is an address already: looking it up again would cost a turn of the event loop, or a query.
    const socket = createSocket({
      type: `udp${family}`,
      lookup: (address, _options, callback) => callback(null, address, family),
    });
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      socket.close();
    };
    const fail = (error: Error): void => {
      if (!open) return;
      close();
      listener.failed(systemError(formatEndpoint(endpoint), error));
    };
    const refuse = (error: Error): void => {
      close();
      reject(systemError(formatEndpoint(endpoint), error));
    };

    const connected = (error?: Error): void => {
      if (error) {
        refuse(error);
        return;
      }
      socket.off('error', refuse);
      socket.on('error', fail);
      socket.on('message', (bytes) => {
        if (open) listener.datagram(bytes);
      });
      socket.unref();
      resolve({
        send: (datagram) => {
          if (open) socket.send(datagram, (sendError) => sendError && fail(sendError));
        },
        awaiting: (answer) => {
          if (!open) return;
          if (answer) socket.ref();
          else socket.unref();
        },
        close,
      });
    };

    socket.once('error', refuse);
    try {
      socket.connect(port, host, connected);
    } catch (error) {
      // a runtime's permissions
      refuse(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
