/**
 * `getTracking()` on its own connection, compared with a raw `node:dgram` socket that is opened for one exchange:
 * `one-shot.js PORT`. Prints the microseconds of each.
 */
import { getTracking } from 'chrony-wasm';
import { interleaved } from '../benchmark.ts';
import { RawDgram } from './raw-dgram.ts';
import { print, repeat } from './report.ts';

const ROUNDS = 201;
const TIMES = 50;

const [, , port = ''] = process.argv;
const address = `127.0.0.1:${port}`;
const raw = async (): Promise<void> => {
  const socket = await RawDgram.open('127.0.0.1', Number(port));
  await socket.exchange();
  socket.close();
};
print(
  await interleaved({ ours: repeat(TIMES, () => getTracking(address)), raw: repeat(TIMES, raw) }, ROUNDS, 40),
  TIMES,
);
