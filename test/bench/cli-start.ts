/** How long a command takes that asks one question and ends, beside programs that do nothing, or the least. */
import { spawnSync } from 'node:child_process';
import { Chronyd } from '../support/chronyd.ts';
import { type Benchmark, interleaved, NODE, type Result } from './benchmark.ts';

const TARGET_MS = 15;
const ROUNDS = 60;

function program(...args: readonly string[]): () => void {
  return () => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  };
}

export const cliStart: Benchmark = {
  name: 'cli-start',
  async run() {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    const { tracking, minimal, nothing } = await interleaved(
      {
        tracking: program('dist/cli.cjs', '-h', chronyd.address, 'tracking'),
        minimal: program('test/bench/programs/minimal.cjs', String(chronyd.commandPort)),
        nothing: program('-e', '0'),
      },
      ROUNDS,
    );
    const against = (name: string, ours: number): Result => ({
      name,
      ours,
      reference: nothing,
      ratio: ours / nothing,
      target: `at most ${TARGET_MS} ms more`,
      pass: ours - nothing <= TARGET_MS,
      unit: 'ms',
      runtime: NODE,
    });
    // the second says what is possible at all
    return [against('cli-start', tracking), against('cli-start-minimal', minimal)];
  },
};
