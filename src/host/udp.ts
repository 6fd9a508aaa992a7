/** UDP over `node:dgram`, IPv4 and IPv6. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { ipVersion } from './ip.ts';
import { type DatagramListener, type DatagramSocket, formatEndpoint, type UdpEndpoint } from './socket.ts';
import { systemError } from './system-error.ts';

const IN_DENO = process.versions['deno'] !== undefined;

/** An address in the one form that compares. */
function canonical(address: string): string {
  return ipVersion(address) === 6 ? new URL(`http://[${address.replace(/%.*/, '')}]`).hostname : address;
}

/**
 * Connects a UDP socket, which sends nothing yet. Connected, so that the kernel drops strangers' datagrams
 * and tells when the peer's host says that nobody listens there.
 */
export function openUdp(endpoint: UdpEndpoint, listener: DatagramListener): Promise<DatagramSocket> {
  const { host, port } = endpoint;
  const family = ipVersion(host) === 6 ? 6 : 4;
  return new Promise((resolve, reject) => {
    // The host is an address already: looking it up again would cost a turn of the event loop, or a query.
    const socket = createSocket({
      type: `udp${family}`,
      lookup: (address, _options, callback) => callback(null, address, family),
    });
    // Deno does not really connect: there it is for us to drop what others send
    const isPeer = ({ address, port: from }: RemoteInfo): boolean =>
      !IN_DENO || (from === port && canonical(address) === canonical(host));
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
    let onError = refuse;
    socket.on('error', (error) => onError(error));

    const connected = (error?: Error): void => {
      if (error) {
        refuse(error);
        return;
      }
      onError = fail;
      socket.on('message', (bytes, from) => {
        if (open && isPeer(from)) listener.datagram(bytes);
      });
      socket.unref();
      const sent = (sendError: Error | null): void => {
        if (sendError) fail(sendError);
      };
      resolve({
        send: (datagram) => {
          if (open) socket.send(datagram, sent);
        },
        awaiting: (answer) => {
          if (!open) return;
          if (answer) socket.ref();
          else socket.unref();
        },
        close,
      });
    };

    try {
      socket.connect(port, host, connected);
    } catch (error) {
      // a runtime's permissions
      refuse(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
