/** The core's parts, tested in C with either compiler and its sanitizers: `unit.c`. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { build, compilers } from './build.ts';

it.each(compilers)(
  'does in parts what it should: %s',
  async (compiler) => {
    const { stdout, stderr } = await promisify(execFile)(await build('unit', compiler));
    expect({ stdout, stderr }).toEqual({ stdout: 'ok\n', stderr: '' });
  },
  120_000,
);
