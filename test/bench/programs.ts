/** Runs the measuring programs, each in its own process, in a given runtime. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Runtime as Found, findRuntimes } from '../integration/unix/runtimes.ts';
import { NODE } from './benchmark.ts';

export type Runtime = Pick<Found, 'name' | 'program' | 'args'>;

const run = promisify(execFile);

/** The runtime that the benchmarks run in. */
export const node: Runtime = { name: NODE, program: process.execPath, args: [] };

/** Finds a runtime fetched by `make runtimes`, by the beginning of its name. */
export async function runtime(name: string): Promise<Runtime> {
  const found = (await findRuntimes()).find((each) => each.name.startsWith(name));
  if (found === undefined)
    throw new Error(`${name} is not there: it exists for Linux on x64, by 'make runtimes'`);
  return found;
}

/** Returns the output of a program, which was bundled from `test/bench/programs`. */
export async function output(runtime: Runtime, name: string, ...rest: unknown[]): Promise<string> {
  const { program, args } = runtime;
  const { stdout } = await run(program, [...args, `build/programs/${name}.js`, ...rest.map(String)]);
  return stdout;
}

/** Returns the microseconds of each item that a program has timed. */
export async function times<Name extends string>(
  runtime: Runtime,
  name: string,
  ...rest: unknown[]
): Promise<Readonly<Record<Name, number>>> {
  return JSON.parse(await output(runtime, name, ...rest));
}
