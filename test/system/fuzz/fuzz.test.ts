/** The fuzzing target plays its kept inputs without a finding, and detects every bug that is planted in the core. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { type PlantedBug, plantedBugs } from './planted.ts';

const LIBRARY = 'third_party/libchrony';
const TARGET = 'build/fuzz/target';
const CORE = 'build/fuzz/core';
const CORPUS = 'test/system/fuzz/corpus';
const LONG = 180_000;

interface Ended {
  readonly status: number;
  readonly output: string;
}

async function run(program: string, ...args: string[]): Promise<Ended> {
  // Symbolizing a stack trace takes seconds, and the trace is not needed here.
  const env = { ...process.env, ASAN_OPTIONS: 'symbolize=0', UBSAN_OPTIONS: 'symbolize=0' };
  return promisify(execFile)(program, args, { env, maxBuffer: 2 ** 26 }).then(
    ({ stdout, stderr }) => ({ status: 0, output: stdout + stderr }),
    ({ code, stdout, stderr }) => ({ status: code, output: stdout + stderr }),
  );
}

/** Builds the target with this library. Returns the path of the target. */
async function build(target: string, library: string): Promise<string> {
  const { status, output } = await run('make', '-s', `CHRONY=${library}`, `FUZZ_TARGET=${target}`, target);
  if (status !== 0) throw new Error(output);
  return target;
}

/** Plants a bug in a copy of the library. The other files keep their times. */
function plant(library: string, { file, from, to }: PlantedBug): void {
  cpSync(LIBRARY, library, { recursive: true, preserveTimestamps: true });
  const parts = readFileSync(join(library, file), 'utf8').split(from);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${from}`);
  writeFileSync(join(library, file), parts.join(to));
}

/** Makes a folder with the bug in `libchrony` and the object files of the correct core, so that only changed files are compiled. */
function folderFor(name: keyof typeof plantedBugs): string {
  const folder = `build/fuzz/planted/${name.replaceAll(' ', '-')}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(CORE, join(folder, 'core'), { recursive: true, preserveTimestamps: true });
  plant(join(folder, 'libchrony'), plantedBugs[name]);
  return folder;
}

beforeAll(async () => {
  await build(TARGET, LIBRARY);
}, LONG);

it(
  'plays every kept input without a finding',
  async () => {
    const { status, output } = await run(TARGET, '-runs=0', CORPUS);
    expect(status, output).toBe(0);
    expect(output).toContain(`seed corpus: files: ${readdirSync(CORPUS).length} `);
  },
  LONG,
);

// Concurrent, since each test mostly waits for a compiler.
it.concurrent.each(Object.keys(plantedBugs) as (keyof typeof plantedBugs)[])(
  'detects with the kept inputs that %s',
  async (name) => {
    const folder = folderFor(name);
    const target = await build(join(folder, 'target'), join(folder, 'libchrony'));
    const { status, output } = await run(target, '-runs=0', `-artifact_prefix=${folder}/`, CORPUS);
    expect(status, output).not.toBe(0);
    expect(output).toContain(plantedBugs[name].seen);
  },
  LONG,
);

it(
  'finds a bug without any initial input',
  async () => {
    const folder = folderFor('a reply may be longer than the request');
    const target = await build(join(folder, 'target'), join(folder, 'libchrony'));
    // a hundred times the number of runs that it takes
    const fuzz = ['-seed=1', '-runs=100000', '-max_len=1024', `-artifact_prefix=${folder}/`];
    const { status, output } = await run(target, ...fuzz);
    expect(status, output).not.toBe(0);
    expect(output).toContain('e == expected->error');
  },
  LONG,
);

it(
  'stops at a bug and prints the input that reproduces it',
  async () => {
    const folder = folderFor('two addresses share a buffer');
    const variables = [`CHRONY=${folder}/libchrony`, `FUZZ_TARGET=${folder}/target`, 'FUZZ_SECONDS=30'];
    const { status, output } = await run('make', '-s', 'fuzz-smoke', ...variables);
    expect(status, output).not.toBe(0);
    const [, target, input] = /to see it again: (\S+) (\S+)/.exec(output) ?? [];
    const again = await run(target ?? '', input ?? '');
    expect(again.status, again.output).not.toBe(0);
    expect(again.output).toContain('held[i].copy');
  },
  LONG,
);
