/** Opens a socket and records the events of its listener. */
import type { ChronyError } from '../../../src/errors.ts';
import type { DatagramListener, DatagramSocket } from '../../../src/socket/socket.ts';

export interface Opened extends Disposable {
  readonly socket: DatagramSocket;
  readonly received: readonly Uint8Array[];
  readonly failures: readonly ChronyError[];
}

/** Opens a socket. @throws ChronyError if the listener gets an error */
export async function opening(open: (listener: DatagramListener) => unknown): Promise<Opened> {
  const received: Uint8Array[] = [];
  const failures: ChronyError[] = [];
  const socket = await new Promise<DatagramSocket>((resolve, reject) => {
    const opened = open({
      opened: resolve,
      // the socket reuses the bytes after this call
      datagram: (bytes: Uint8Array) => received.push(Uint8Array.from(bytes)),
      failed: (error: ChronyError) => {
        failures.push(error);
        reject(error);
      },
    } as DatagramListener);
    if (opened instanceof Promise) opened.then(resolve, reject);
  });
  return { socket, received, failures, [Symbol.dispose]: () => socket.close() };
}
