/** A DNS server on the loopback with test-defined records. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { freePort } from './ports.ts';

const TYPES = { A: 1, PTR: 12, AAAA: 28, SRV: 33 } as const;
type Type = keyof typeof TYPES;

/** Each record is an address, a name, or the host and port of a service as `HOST:PORT`. */
export type Records = readonly string[];

const HEADER = 12;
const [RESPONSE, NO_SUCH_NAME] = [0x8000, 3];

/** The end of the name in the question. */
function endOfName(query: Buffer): number {
  let at = HEADER;
  while (query[at]) at += (query[at] ?? 0) + 1;
  return at + 1;
}

/** Reads the name in the question: labels, each preceded by its length, up to an empty label. */
function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = HEADER; query[at]; at += (query[at] ?? 0) + 1) {
    labels.push(query.subarray(at + 1, at + 1 + (query[at] ?? 0)).toString());
  }
  return labels.join('.');
}

function nameAsBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function dataOf(type: Type, record: string): Buffer {
  switch (type) {
    case 'A':
      return Buffer.from(record.split('.').map(Number));
    case 'AAAA': {
      const [head = [], tail = []] = record.split('::').map((part) => part.split(':').filter(Boolean));
      const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
      const groups = [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0'));
      return Buffer.from(groups.join(''), 'hex');
    }
    case 'PTR':
      return nameAsBytes(record);
    case 'SRV': {
      const [host = '', port] = record.split(':');
      // priority, weight, port
      const numbers = Buffer.alloc(6);
      numbers.writeUInt16BE(Number(port), 4);
      return Buffer.concat([numbers, nameAsBytes(host)]);
    }
  }
}

export class DnsServer implements AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly #socket: Socket;
  /** The names in the received queries. */
  readonly queries: string[] = [];
  /** If false, queries receive no reply. */
  isAnswering = true;
  /** The time to live of each record, in seconds. */
  ttl = 60;
  /** Returns the records of a type for a name, or null if the name does not exist. By default no name exists. */
  find: (type: Type, name: string) => Records | null = () => null;

  private constructor(socket: Socket, address: string, port: number) {
    this.#socket = socket;
    this.address = address;
    this.port = port;
    socket.on('message', (query, client) => {
      this.queries.push(nameIn(query));
      if (this.isAnswering) socket.send(this.#reply(query), client.port, client.address);
    });
  }

  static async start(address = '127.0.0.1', port?: number): Promise<DnsServer> {
    const socket = createSocket('udp4');
    const bound = port ?? (await freePort());
    socket.bind(bound, address);
    await once(socket, 'listening');
    return new DnsServer(socket, address, bound);
  }

  #reply(query: Buffer): Buffer {
    const end = endOfName(query) + 4;
    const number = query.readUInt16BE(end - 4);
    const [type = 'A'] = (Object.keys(TYPES) as Type[]).filter((name) => TYPES[name] === number);
    const records = this.find(type, nameIn(query).toLowerCase());
    const reply = Buffer.from(query.subarray(0, end));
    reply.writeUInt16BE(query.readUInt16BE(2) | RESPONSE | (records === null ? NO_SUCH_NAME : 0), 2);
    // one question, the answers, no authority and no additional records
    for (const [i, count] of [1, records?.length ?? 0, 0, 0].entries()) reply.writeUInt16BE(count, 4 + 2 * i);
    const answers = (records ?? []).map((record) => {
      const data = dataOf(type, record);
      const head = Buffer.alloc(12);
      // a pointer to the name in the question, its type, class IN
      head.writeUInt16BE(0xc000 | HEADER, 0);
      head.writeUInt16BE(number, 2);
      head.writeUInt16BE(1, 4);
      head.writeUInt32BE(this.ttl, 6);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    return Buffer.concat([reply, ...answers]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}
