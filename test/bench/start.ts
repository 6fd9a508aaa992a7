/** The startup time of whole programs, compared with minimal programs for the same task, in each runtime. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRuntimes } from '../integration/unix/runtimes.ts';
import { Chronyd } from '../support/chronyd.ts';
import { atMost, atMostMore, type Benchmark, interleaved, type Result, type Work } from './benchmark.ts';
import type { Runtime } from './programs.ts';

const ROUNDS = 60;
const unit = 'ms';

/** The runtimes that the command supports. */
async function runtimes(): Promise<readonly Runtime[]> {
  return (await findRuntimes()).filter(({ name }) => !name.startsWith('Deno'));
}

/** @param caches - the user's cache folder, where the command can store its compiled code */
function run(caches: string, program: string, args: readonly string[]): Work {
  const env = { ...process.env, XDG_CACHE_HOME: caches };
  return () => {
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
  };
}

/** The arguments of three programs: ours, a minimal one for the same task, and one that does nothing. */
interface Programs {
  readonly ours: readonly string[];
  readonly minimal: readonly string[];
  readonly nothing: readonly string[];
}

/**
 * Times the programs in turns in each runtime.
 *
 * @param limit - the maximum of the time of ours / the time of the minimal program
 * @param minimalMs - the maximum of the additional milliseconds of the minimal program over the empty one
 */
async function beside(
  name: string,
  limit: number,
  minimalMs: number,
  { ours, minimal, nothing }: Programs,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const { name: runtime, program, args } of await runtimes()) {
    const caches = mkdtempSync(join(tmpdir(), 'caches-'));
    const times = await interleaved(
      {
        ours: run(caches, program, [...args, ...ours]),
        minimal: run(caches, program, [...args, ...minimal]),
        nothing: run(caches, program, nothing),
      },
      ROUNDS,
    ).finally(() => rmSync(caches, { recursive: true }));
    results.push(
      atMost(limit, { name, ours: times.ours, reference: times.minimal, unit, runtime }),
      atMostMore(minimalMs, {
        name: `${name}-minimal`,
        ours: times.minimal,
        reference: times.nothing,
        unit,
        runtime,
      }),
    );
  }
  return results;
}

/** A command that sends one query, and a minimal program that does so. */
export const cliStart: Benchmark = {
  name: 'cli-start',
  async run() {
    await using chronyd = await Chronyd.start({ config: ['local stratum 5'] });
    return await beside('cli-start', 1.15, 15, {
      ours: ['dist/cli.cjs', '-h', chronyd.address, 'tracking'],
      minimal: ['test/bench/programs/minimal.cjs', String(chronyd.commandPort)],
      nothing: ['-e', '0'],
    });
  },
};

/** A program that imports the library and creates its WebAssembly instance, and a minimal program that does so. */
export const importing: Benchmark = {
  name: 'import',
  run: () =>
    beside('import', 1.05, 5, {
      ours: ['test/bench/programs/import.mjs'],
      minimal: ['test/bench/programs/import-minimal.mjs'],
      nothing: ['test/bench/programs/empty.mjs'],
    }),
};
