/**
 * What may not grow unnoticed: sizes, and the instructions of the C core. `RECORD=1 npx vitest run test/tooling/guard` records
 * what is there now, after a change that is meant.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sizesOf } from '../../bench/size.ts';
import { Project } from '../../system/package/support/build.ts';
import { compilerVersion, countInstructions } from './instructions.ts';

const FILE = join(import.meta.dirname, 'recorded.json');

interface Recorded {
  /** The major version of gcc. */
  readonly compiler: string;
  readonly instructions: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
}

const TOLERANCE = 0.05;
/** Another compiler makes other code of the same, but not of another size. */
const TOLERANCE_OF_COMPILERS = 0.5;

const recorded: Recorded = JSON.parse(readFileSync(FILE, 'utf8'));
let now: Recorded;

beforeAll(async () => {
  await using project = await Project.make();
  now = {
    compiler: await compilerVersion(),
    instructions: await countInstructions(),
    bytes: { ...(await sizesOf(project)) },
  };
});
afterAll(() => {
  if (process.env['RECORD'] !== undefined) writeFileSync(FILE, `${JSON.stringify(now, null, 2)}\n`);
});

/** What is not within so much of what was recorded. */
function changed(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  tolerance: number,
): readonly string[] {
  return Object.keys({ ...before, ...after })
    .filter((name) => !(Math.abs((after[name] ?? 0) / (before[name] ?? 0) - 1) <= tolerance))
    .map((name) => `${name}: ${before[name]} recorded, ${after[name]} now`);
}

it('the C core takes as many instructions for each report', () => {
  const tolerance = now.compiler === recorded.compiler ? TOLERANCE : TOLERANCE_OF_COMPILERS;
  expect(changed(recorded.instructions, now.instructions, tolerance)).toEqual([]);
});

it('the package is as large', () => {
  expect(changed(recorded.bytes, now.bytes, TOLERANCE)).toEqual([]);
});
