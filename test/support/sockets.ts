/** The package's sockets, for tests that use a socket without a connection. */
import type { DatagramListener, DatagramSocket } from '../../src/socket/socket.ts';
import { openUdp } from '../../src/socket/udp.ts';
import { openUnix } from '../../src/socket/unix.ts';

type OnDatagram = (bytes: Uint8Array) => void;

/** Opens a socket. Failures are thrown, since no test expects one. */
function opened(open: (listener: DatagramListener) => void, onDatagram: OnDatagram): Promise<DatagramSocket> {
  return new Promise((resolve, reject) => {
    open({
      opened: resolve,
      datagram: onDatagram,
      failed: (error) => {
        reject(error);
        throw error;
      },
    });
  });
}

/** A Unix socket connected to this path. */
export function openedUnix(path: string, onDatagram: OnDatagram = () => {}): Promise<DatagramSocket> {
  return opened((listener) => openUnix({ kind: 'unix', path }, listener), onDatagram);
}

/** A UDP socket connected to this port of 127.0.0.1. */
export function openedUdp(port: number, onDatagram: OnDatagram = () => {}): Promise<DatagramSocket> {
  return opened((listener) => openUdp({ kind: 'udp', host: '127.0.0.1', port }, listener), onDatagram);
}
