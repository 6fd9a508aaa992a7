/**
 * A query on an open connection, compared with running `chronyc -c` and parsing its output:
 * `chronyc.js PORT CHRONYC FLAG...`. Prints the microseconds of each.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ChronyConnection } from 'chrony-wasm';
import { interleaved } from '../benchmark.ts';
import { print, repeat } from './report.ts';

const ROUNDS = 101;
const QUERIES = 50;

const [, , port = '', program = '', ...flags] = process.argv;
const run = promisify(execFile);

async function parsed(): Promise<object> {
  const { stdout } = await run(program, [...flags, '-h', '127.0.0.1', '-p', port, '-c', 'tracking']);
  const [referenceId = '', name = '', stratum, ...rest] = stdout.trim().split(',');
  return {
    referenceId: Number.parseInt(referenceId, 16),
    name,
    stratum: Number(stratum),
    figures: rest.map(Number),
  };
}

const chrony = await ChronyConnection.open(`127.0.0.1:${port}`);
const { ours, chronyc } = await interleaved(
  { ours: repeat(QUERIES, () => chrony.getTracking()), chronyc: parsed },
  ROUNDS,
  20,
);
await chrony.close();
print({ ours: ours / QUERIES, chronyc }, 1);
