/** What it takes to begin: whole programs, beside one that does nothing. */
import { spawnSync } from 'node:child_process';
import { Chronyd } from '../support/chronyd.ts';
import { atMostMore, type Benchmark, interleaved, type Result } from './benchmark.ts';
import { node } from './programs.ts';

const ROUNDS = 60;
const unit = 'ms';

function program(...args: readonly string[]): () => void {
  return () => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  };
}

/** Times programs by turns, and says how much more than `nothing` each takes. */
async function beside(
  limit: number,
  nothing: () => void,
  programs: Readonly<Record<string, () => void>>,
): Promise<readonly Result[]> {
  const times = await interleaved<string>({ nothing, ...programs }, ROUNDS);
  return Object.keys(programs).map((name) =>
    atMostMore(limit, {
      name,
      ours: times[name] ?? Number.NaN,
      reference: times['nothing'] ?? Number.NaN,
      unit,
      runtime: node.name,
    }),
  );
}

/** A command that asks one question; and the least that a program can do which asks one. */
export const cliStart: Benchmark = {
  name: 'cli-start',
  async run() {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    return await beside(15, program('-e', '0'), {
      'cli-start': program('dist/cli.cjs', '-h', chronyd.address, 'tracking'),
      'cli-start-minimal': program('test/bench/programs/minimal.cjs', String(chronyd.commandPort)),
    });
  },
};

/** A program that imports the library and makes its instance of the binary; and the least of that. */
export const importing: Benchmark = {
  name: 'import',
  run: () =>
    beside(5, program('test/bench/programs/empty.mjs'), {
      import: program('test/bench/programs/import.mjs'),
      'import-minimal': program('test/bench/programs/import-minimal.mjs'),
    }),
};
