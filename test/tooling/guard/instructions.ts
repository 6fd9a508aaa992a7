/** The number of instructions that the C core takes for each report: unlike run times, it is repeatable. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scenario } from '../../../src/testing/index.ts';
import { build } from '../../system/native/build.ts';
import { capture, mockServer } from '../../system/native/captures.ts';
import { SandboxPlayer } from '../../system/native/sandbox-player.ts';
import { type Script, scriptText } from '../../system/native/script.ts';

const run = promisify(execFile);

/** The major version of the gcc that compiles the core, e.g. `12`. */
export async function compilerVersion(): Promise<string> {
  const { stdout } = await run('gcc', ['-dumpversion']);
  return stdout.trim();
}

/** The instructions in the core's own sources to request a record and read all its fields, by report. */
export async function countInstructions(): Promise<Readonly<Record<string, number>>> {
  const program = await build('replay-counted', 'gcc');
  const counts: Record<string, number> = {};
  for (const script of await capture(new SandboxPlayer(), mockServer(scenario('synchronized')), 1)) {
    const [first] = script;
    if (first?.step !== 'record') continue;
    counts[first.report] = await instructionsOf(program, script);
  }
  return counts;
}

async function instructionsOf(program: string, script: Script): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'instructions-'));
  try {
    const file = join(dir, 'callgrind.out');
    const running = run('valgrind', ['--quiet', '--tool=callgrind', `--callgrind-out-file=${file}`, program]);
    running.child.stdin?.end(scriptText(script));
    await running;
    return sumOf(await readFile(file, 'utf8'), '/third_party/libchrony/');
  } finally {
    await rm(dir, { recursive: true });
  }
}

/**
 * The sum of the self cost of the sources in a folder, from a profile of callgrind. A line of the profile names a file or the
 * file of a called function (where a number later stands for the name), or has a position and a cost. The line after `calls=`
 * is left out: it has the cost of the called function, which the profile also gives at that function.
 */
function sumOf(profile: string, folder: string): number {
  const names = new Map<string, string>();
  let counted = false;
  let sum = 0;
  let ofCallee = false;
  for (const line of profile.split('\n')) {
    const [, called, id = '', name] = /^(c?)f[lie]=\((\d+)\)(?: (.+))?$/.exec(line) ?? [];
    if (id !== '') {
      if (name !== undefined) names.set(id, name);
      if (called === '') counted = names.get(id)?.includes(folder) ?? false;
    } else if (line.startsWith('calls=')) {
      ofCallee = true;
    } else {
      const [, cost] = /^[+*\-\d]\S* (\d+)$/.exec(line) ?? [];
      if (cost === undefined) continue;
      if (counted && !ofCallee) sum += Number(cost);
      ofCallee = false;
    }
  }
  return sum;
}
