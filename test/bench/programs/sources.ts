/**
 * `getSources()` on an open connection, compared with a whole `chronyc -n sources`:
 * `sources.js PORT NUMBER CHRONYC FLAG...`, where NUMBER is the number of sources. Prints the microseconds of each.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ChronyConnection } from 'chrony-wasm';
import { interleaved } from '../benchmark.ts';
import { print } from './report.ts';

const ROUNDS = 41;

const [, , port = '', number, program = '', ...flags] = process.argv;
const run = promisify(execFile);
const chrony = await ChronyConnection.open(`127.0.0.1:${port}`);
const times = await interleaved(
  {
    ours: async () => {
      const { length } = await chrony.getSources();
      if (length !== Number(number)) throw new Error(`${length} sources instead of ${number}`);
    },
    chronyc: () => run(program, [...flags, '-h', '127.0.0.1', '-p', port, 'sources']),
  },
  ROUNDS,
);
await chrony.close();
print(times, 1);
