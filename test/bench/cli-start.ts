/** How long a command takes that asks one question and ends, beside a program that does nothing. */
import { spawnSync } from 'node:child_process';
import { Chronyd } from '../support/chronyd.ts';
import { type Benchmark, interleaved, NODE } from './benchmark.ts';

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
    const { tracking, nothing } = await interleaved(
      {
        tracking: program('dist/cli.cjs', '-h', chronyd.address, 'tracking'),
        nothing: program('-e', '0'),
      },
      ROUNDS,
    );
    return [
      {
        name: 'cli-start',
        ours: tracking,
        reference: nothing,
        ratio: tracking / nothing,
        target: `at most ${TARGET_MS} ms more`,
        pass: tracking - nothing <= TARGET_MS,
        unit: 'ms',
        runtime: NODE,
      },
    ];
  },
};
