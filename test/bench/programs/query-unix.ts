/**
 * A query over the Unix socket on an open connection, compared with the same bytes on a bare descriptor:
 * `query-unix.js PATH`. Prints the microseconds of each.
 */
import { ChronyConnection } from 'chrony-wasm';
import { interleaved } from '../benchmark.ts';
import { RawUnix } from './raw-unix.ts';
import { print, repeat } from './report.ts';

const ROUNDS = 201;
const QUERIES = 100;

const [, , path = ''] = process.argv;
const chrony = await ChronyConnection.open(path);
const raw = new RawUnix(path);
const times = await interleaved(
  {
    ours: repeat(QUERIES, () => chrony.getTracking()),
    raw: repeat(QUERIES, () => raw.exchange()),
  },
  ROUNDS,
  20,
);
await chrony.close();
raw.close();
print(times, QUERIES);
