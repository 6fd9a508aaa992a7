/** Runs the unit tests of the core's internal functions, in C, with each compiler and its sanitizers: `unit.c`. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { build, compilers } from './build.ts';

it.each(compilers)(
  'passes the unit tests in C: %s',
  async (compiler) => {
    const { stdout, stderr } = await promisify(execFile)(await build('unit', compiler));
    expect({ stdout, stderr }).toEqual({ stdout: 'ok\n', stderr: '' });
  },
  120_000,
);
