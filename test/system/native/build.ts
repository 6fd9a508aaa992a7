/** Compiles the C programs of the tests, except the fuzzer's, into `build/native`, and only if a source has changed. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The root of the repository. Bundled programs also run there, so it is not derived from the file's own path. */
const root = process.cwd();
const here = join(root, 'test/system/native');
const library = join(root, 'third_party/libchrony');
const output = join(root, 'build/native');

const PACKAGES = 'gcc g++ clang libclang-rt-14-dev';

export const compilers = ['gcc', 'clang'] as const;
export type Compiler = (typeof compilers)[number];

/** The build rules of the WebAssembly binary: the native builds use the same sources and warnings. */
const makefile = readFileSync(join(root, 'wasm/build.mk'), 'utf8');
const warnings = wordsOf(/^WARNINGS := (.+)$/m);
const core = wordsOf(/^CORE_SOURCES := \$\(addprefix \$\(CHRONY\)\/, (.+)\)$/m).map((name) =>
  join(library, name),
);
const socket = join(library, 'socket_posix.c');

const sanitizers = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

interface Program {
  /** Its sources in this folder, which are built with the same warnings as the library. */
  readonly sources: readonly string[];
  /** Its sources in the library. */
  readonly library: readonly string[];
  readonly flags: readonly string[];
}

/** The fake system for the core. The linker replaces the allocator. */
const fakes = ['fakes.c', 'fields.c'];
const wrap = '-Wl,--wrap=calloc';

const programs = {
  /** The optimization of a release build. */
  replay: { sources: ['replay.c', ...fakes], library: core, flags: ['-O2', wrap] },
  /** The same with debug information, to count instructions by source file. */
  'replay-counted': { sources: ['replay.c', ...fakes], library: core, flags: ['-O2', '-g', wrap] },
  'replay-sanitized': { sources: ['replay.c', ...fakes], library: core, flags: [...sanitizers, wrap] },
  unit: {
    sources: ['unit.c', 'tables.c', 'wire.c', 'session.c', ...fakes],
    library: core,
    flags: [...sanitizers, wrap],
  },
  exchange: { sources: ['exchange.c'], library: [...core, socket], flags: sanitizers },
  early: { sources: ['early.c'], library: [...core, socket], flags: sanitizers },
  displaced: {
    sources: ['displaced.c'],
    library: [...core, socket],
    flags: [...sanitizers, '-Wl,--wrap=bind'],
  },
  flood: { sources: ['flood.c'], library: [], flags: ['-O2'] },
  'ntp-server': { sources: ['../../integration/clock/ntp-server.c'], library: [], flags: ['-O2'] },
  fleet: { sources: ['../../bench/native/fleet.c'], library: [], flags: ['-O2'] },
  native: { sources: ['../../bench/native/native.c'], library: [...core, socket], flags: ['-O2'] },
} as const satisfies Record<string, Program>;

/** The builds that this process has started. */
const builds = new Map<string, Promise<string>>();

/** Builds a program unless it is up to date. Returns its path. */
export function build(name: keyof typeof programs, compiler: Compiler): Promise<string> {
  const known = builds.get(`${name} ${compiler}`);
  if (known !== undefined) return known;
  const { sources, library, flags } = programs[name];
  const inputs = [...sources.map((source) => join(here, source)), ...library];
  const built = compile(compiler, `${name}-${compiler}`, inputs, [...warnings, ...flags, ...inputs, '-lm']);
  builds.set(`${name} ${compiler}`, built);
  return built;
}

/** The standard of each language, and its additional linker flags. */
const languages = {
  c: { standard: '-std=c11', link: { gcc: [], clang: [] } },
  'c++': {
    standard: '-std=c++17',
    link: { gcc: ['-lstdc++'], clang: ['-lstdc++', '-fsanitize-link-c++-runtime'] },
  },
} as const;

/**
 * Builds a program as a user of the C library would, as C or C++, with the whole library. `client` includes only chrony.h,
 * `questions` also its extensions. Returns the path of the program.
 */
export async function buildOutside(
  program: 'client' | 'questions',
  compiler: Compiler,
  language: keyof typeof languages,
): Promise<string> {
  const name = `${program}-${compiler}-${language}`;
  const { standard, link } = languages[language];
  const source = join(here, `${program}.c`);
  const object = await compile(
    compiler,
    `${name}.o`,
    [source],
    ['-Wall', '-Wextra', '-Wconversion', '-Werror', standard, ...sanitizers, '-x', language, '-c', source],
  );
  const inputs = [object, ...core, socket];
  return compile(compiler, name, inputs, [...warnings, ...sanitizers, ...inputs, ...link[compiler], '-lm']);
}

async function compile(
  compiler: Compiler,
  name: string,
  inputs: readonly string[],
  flags: readonly string[],
): Promise<string> {
  const result = join(output, name);
  if (await isFresh(result, inputs)) return result;
  await mkdir(output, { recursive: true });
  // Another test run may build or execute the same program: a rename makes the complete result appear at once.
  const unfinished = `${result}.${process.pid}`;
  try {
    await promisify(execFile)(compiler, [`-I${library}`, ...flags, '-o', unfinished]);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} was not built; it needs: apt-get install ${PACKAGES}\n${why}`);
  }
  await rename(unfinished, result);
  return result;
}

async function isFresh(result: string, inputs: readonly string[]): Promise<boolean> {
  const headers = await Promise.all([library, here].map(async (folder) => filesIn(folder, '.h')));
  const own = [join(root, 'wasm/build.mk'), join(root, 'wasm/record.h'), join(here, 'build.ts')];
  const all = [...inputs, ...headers.flat(), ...own];
  const [built, ...changed] = await Promise.all([result, ...all].map(modified));
  return built !== undefined && changed.every((time) => time < built);
}

async function filesIn(folder: string, ending: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

/** The modification time of a file; the earliest possible time if the file does not exist. */
async function modified(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

function wordsOf(line: RegExp): string[] {
  const words = line.exec(makefile)?.[1];
  if (words === undefined) throw new Error(`wasm/build.mk has no line like ${line}`);
  return words.trim().split(/\s+/);
}
