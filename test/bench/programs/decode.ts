/**
 * Decoding a received record to an object, compared with the native library's getters: `decode.js PORT NATIVE`. Prints the
 * microseconds of each.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decoders } from '../../../src/reports/index.ts';
import { sharedLibchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import { interleaved } from '../benchmark.ts';
import { Native } from './native.ts';
import { print } from './report.ts';

const { tracking } = decoders;

const ROUNDS = 101;
const RECORDS = 20_000;

const [, , port = '', program = ''] = process.argv;
const socket = createSocket('udp4');
socket.connect(Number(port), '127.0.0.1');
await once(socket, 'connect');
const session = new Session(sharedLibchrony(), 'chronyd', (datagram) => socket.send(datagram));
session.requestRecord(tracking.report, 0);
const [reply] = (await once(socket, 'message')) as [Uint8Array];
session.process(reply);
socket.close();

const native = new Native(program, `127.0.0.1:${port}`);
const times = await interleaved(
  {
    ours: () => {
      for (let i = 0; i < RECORDS; i++) tracking.decode(session.record);
    },
    native: () => native.time('decode', RECORDS),
  },
  ROUNDS,
);
await native[Symbol.asyncDispose]();
print(times, RECORDS);
