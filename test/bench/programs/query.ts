/**
 * A query on an open connection, compared with the same bytes over raw `node:dgram` and with the native library:
 * `query.js PORT NATIVE`. Prints the microseconds of each.
 */
import { ChronyConnection } from 'chrony-wasm';
import { interleaved } from '../benchmark.ts';
import { Native } from './native.ts';
import { RawDgram } from './raw-dgram.ts';
import { print, repeat } from './report.ts';

const ROUNDS = 201;
const QUERIES = 100;

const [, , port = '', program = ''] = process.argv;
const address = `127.0.0.1:${port}`;
const chrony = await ChronyConnection.open(address);
const raw = await RawDgram.open('127.0.0.1', Number(port));
const native = new Native(program, address);

const times = await interleaved(
  {
    ours: repeat(QUERIES, () => chrony.getTracking()),
    raw: repeat(QUERIES, () => raw.exchange()),
    native: () => native.time('query', QUERIES),
  },
  ROUNDS,
  20,
);
await chrony.close();
raw.close();
await native[Symbol.asyncDispose]();
print(times, QUERIES);
