/** A minimal exchange with chronyd over `node:dgram`: the same bytes, without any processing. */
import { createSocket, type Socket } from 'node:dgram';

/** A request for the tracking report, as long as its reply. */
export function trackingRequest(): Uint8Array {
  const request = new Uint8Array(104);
  request.set([6, 1, 0, 0, 0, 33]);
  return request;
}

const request = trackingRequest();

export class RawDgram {
  readonly #socket: Socket;
  #answered: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', () => this.#answered());
  }

  static open(host: string, port: number): Promise<RawDgram> {
    // skips the lookup, which would take longer than everything else
    const socket = createSocket({ type: 'udp4', lookup: (address, _, found) => found(null, address, 4) });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.connect(port, host, () => resolve(new RawDgram(socket)));
    });
  }

  exchange(): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.send(request);
    });
  }

  close(): void {
    this.#socket.close();
  }
}
